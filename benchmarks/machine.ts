import { execFileSync } from 'node:child_process';
import type { StdioOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** What a figure depends on besides the code: recorded beside every result. */
export interface Machine {
  date: string;
  cpuModel: string;
  cores: number;
  cpuFlags: string[];
  memoryBytes: number;
  kernel: string;
  nodeVersion: string;
  commit: string;
  /** Of the minute before the run: anything above 0.2 a core means that something else was running. */
  loadAverage: number;
}

const relevantFlags = /^(avx|avx2|fma|f16c|avx512\w*|amx\w*|avx_vnni|asimd\w*|sve\w*|i8mm|bf16)$/;

/** Describes the machine that runs this process. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    cpuModel: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    cpuFlags: cpuFlags(),
    memoryBytes: totalmem(),
    kernel: release(),
    nodeVersion: process.version,
    commit: commit(),
    loadAverage: loadavg()[0] ?? 0,
  };
}

/** One line for people. */
export function formatMachine(machine: Machine): string {
  const flags = machine.cpuFlags.some((flag) => flag.startsWith('avx512'))
    ? 'AVX-512'
    : machine.cpuFlags.join(' ');
  const memoryGib = Math.round(machine.memoryBytes / 2 ** 30);
  return [
    `${machine.cpuModel}, ${machine.cores} cores, ${flags}, ${memoryGib} GiB, Linux ${machine.kernel}`,
    `Node ${machine.nodeVersion}, commit ${machine.commit}, load average before ${machine.loadAverage.toFixed(2)}`,
  ].join('\n');
}

function cpuFlags(): string[] {
  if (process.platform !== 'linux') return [];
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
  return (line?.[1] ?? '').split(' ').filter((flag) => relevantFlags.test(flag));
}

/** Ends in `+changes` when the tree differs from the commit; `unknown` outside of git, as in a release archive. */
function commit(): string {
  try {
    const changes = git('status', '--porcelain', '--', '..', ':!../benchmarks/results');
    return git('rev-parse', '--short', 'HEAD') + (changes === '' ? '' : '+changes');
  } catch {
    return 'unknown';
  }
}

function git(...args: string[]): string {
  const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
  return execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio }).trim();
}
