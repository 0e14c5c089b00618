import { readdirSync, readFileSync } from 'node:fs';

/** A process as proc(5) shows it. */
export interface ProcessTime {
  id: number;
  parent: number;
  /** Processor time of its own and of children that have ended, in clock ticks. */
  ticks: number;
}

/** USER_HZ, the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Processor time of a process and everything that it started, in milliseconds, to 10; NaN without `/proc`. */
export function processorMs(processId: number): number {
  return process.platform === 'linux' ? (ticksOfTree(processId) * 1000) / ticksPerSecond : Number.NaN;
}

/** The same in clock ticks. */
export function ticksOfTree(root: number): number {
  const processes = new Map(readProcesses().map((process) => [process.id, process]));
  const isOwn = (id: number): boolean => {
    if (id === root) return true;
    const parent = processes.get(id)?.parent ?? 0;
    return parent > 1 && isOwn(parent);
  };
  return [...processes.values()].reduce((sum, { id, ticks }) => sum + (isOwn(id) ? ticks : 0), 0);
}

function readProcesses(): ProcessTime[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.flatMap((id) => {
    const text = readStat(id);
    if (text === null) return [];
    // The name in parentheses may hold anything; what follows it starts with the state, field 3.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    // utime, stime, and those of children that have ended: fields 14 to 17.
    const ticks = fields.slice(11, 15).reduce((sum, time) => sum + time, 0);
    return [{ id: Number(id), parent: fields[1] ?? 0, ticks }];
  });
}

/** Null when the process has ended since it was listed. */
function readStat(id: string): string | null {
  try {
    return readFileSync(`/proc/${id}/stat`, 'utf8');
  } catch {
    return null;
  }
}
