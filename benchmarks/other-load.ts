import { readFileSync } from 'node:fs';
import { ticksOfTree } from './processor-time.ts';

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
  return { total, busy: total - (times[3] ?? 0) - (times[4] ?? 0), own: ticksOfTree(process.pid) };
}
