import { readFileSync } from 'node:fs';

/** What a process has done and is at, as Linux counts it. */
export interface ProcessActivity {
  /** Processor time of all its threads so far, in clock ticks (mostly 10 ms each). */
  processorTicks: number;
  /** Of its main thread: `R` runs or wants to, `S` sleeps, `D` waits for a disk, `T` is stopped. */
  state: string;
}

/** Null where the system doesn't tell: elsewhere than Linux, of a process that is gone, or without a free file descriptor. */
export function processActivity(processId: number): ProcessActivity | null {
  try {
    return parseProcessStatus(readFileSync(`/proc/${processId}/stat`, 'latin1'));
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

/** Reads `/proc/<pid>/stat`: state is its 3rd field, user and system time are the 14th and 15th (proc_pid_stat(5)). */
export function parseProcessStatus(text: string): ProcessActivity {
  // The 2nd, the program's name in parentheses, may itself have spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', processorTicks: Number(fields[11]) + Number(fields[12]) };
}

/**
 * Whether the process did nothing between two looks though it could have: it used no processor time, and it neither
 * waits for a processor, as on a machine with too much to do, nor for a disk, as when its memory was swapped out.
 */
export function wasStill(before: ProcessActivity | null, after: ProcessActivity | null): boolean {
  if (before === null || after === null) return false;
  return after.processorTicks === before.processorTicks && (after.state === 'S' || after.state === 'T');
}
