import { execFileSync } from 'node:child_process';

interface ProcessEntry {
  pid: number;
  parentPid: number;
  command: string;
}

function listProcesses(): ProcessEntry[] {
  const listing = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  return listing.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    const [, pid, parentPid, state = '', command = ''] = match ?? [];
    // A zombie has ended; only its parent has not looked yet.
    return match && !state.startsWith('Z')
      ? [{ pid: Number(pid), parentPid: Number(parentPid), command }]
      : [];
  });
}

/** Children, grandchildren and so on of a process. */
export function descendantsOf(pid: number): ProcessEntry[] {
  const all = listProcesses();
  const found: ProcessEntry[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = all.filter((entry) => parents.has(entry.parentPid));
    found.push(...children);
    parents = new Set(children.map((entry) => entry.pid));
  }
  return found;
}

/** Those of the given processes that still run, with their command lines. */
export function stillRunning(processes: ProcessEntry[]): string[] {
  const all = listProcesses();
  return processes
    .filter((old) => all.some((entry) => entry.pid === old.pid && entry.command === old.command))
    .map((entry) => `${entry.pid} ${entry.command}`);
}

/** The server's engine processes. */
export function enginesOf(serverPid: number): ProcessEntry[] {
  return descendantsOf(serverPid).filter((entry) => entry.command.includes('engine/src/main'));
}
