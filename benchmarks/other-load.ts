import { readdirSync, readFileSync } from 'node:fs';

interface ProcessorTime {
  /** Ticks that all cores spent in all, and those they were not idle. */
  total: number;
  busy: number;
  /** Ticks of this process and everything that it started. */
  own: number;
}

/**
 * Watches how much of the machine others use, from proc(5): a benchmark of two cores says little when a third process
 * wants one of them. The function that it returns gives the share of all cores since the start, 0 to 1; NaN without
 * `/proc`.
 */
export function watchOtherLoad(): () => number {
  if (process.platform !== 'linux') return () => Number.NaN;
  const start = processorTime();
  return () => {
    const now = processorTime();
    const others = now.busy - start.busy - (now.own - start.own);
    return Math.max(0, others / (now.total - start.total));
  };
}

function processorTime(): ProcessorTime {
  const fields = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]?.split(' ').map(Number) ?? [];
  // user, nice, system, idle, iowait, irq, softirq, steal; guest times are part of user.
  const times = fields.slice(0, 8);
  const total = times.reduce((sum, ticks) => sum + ticks, 0);
  return { total, busy: total - (times[3] ?? 0) - (times[4] ?? 0), own: ownTicks() };
}

function ownTicks(): number {
  const processes = new Map(readProcesses().map((process) => [process.id, process]));
  const isOwn = (id: number): boolean => {
    if (id === process.pid) return true;
    const parent = processes.get(id)?.parent ?? 0;
    return parent > 1 && isOwn(parent);
  };
  return [...processes.values()].reduce((sum, { id, ticks }) => sum + (isOwn(id) ? ticks : 0), 0);
}

function readProcesses(): { id: number; parent: number; ticks: number }[] {
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
