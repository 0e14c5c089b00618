import { cpus } from 'node:os';

/** @returns a function that tells how many of the machine's processors were idle since its last call, on the average. */
export function idleProcessors(): () => number {
  let last = idleTime();
  return () => {
    const now = idleTime();
    const elapsedMs = now.atMs - last.atMs;
    const idle = elapsedMs > 0 ? (now.idleMs - last.idleMs) / elapsedMs : 0;
    last = now;
    return idle;
  };
}

function idleTime(): { idleMs: number; atMs: number } {
  let idleMs = 0;
  for (const { times } of cpus()) idleMs += times.idle;
  return { idleMs, atMs: performance.now() };
}
