/** Milliseconds of a clock that only runs forward, whatever happens to the machine's time, and that all threads share. */
export function steadyMs(): bigint {
  return process.hrtime.bigint() / 1_000_000n;
}
