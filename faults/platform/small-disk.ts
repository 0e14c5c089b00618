import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const mebibyte = 1024 * 1024;

/** A directory whose disk can be made full, with the kernel's own errors. */
export interface SmallDisk {
  directory: string;
  /** What fills it: a mounted file system, or a limit on the size of the server's files where nothing may be mounted. */
  kind: 'file system' | 'file size limit';
  /** Leaves no room to the server. */
  fill(serverPid: number): void;
  free(serverPid: number): void;
  /** Unmounts and removes it, once nobody uses it any more. */
  remove(): void;
}

/** Makes a disk of so many bytes. */
export function makeSmallDisk(bytes: number): SmallDisk {
  const directory = mkdtempSync(path.join(tmpdir(), 'weai-disk-'));
  const mounted = run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', directory]);
  return mounted ? mountedDisk(directory) : limitedFiles(directory);
}

function mountedDisk(directory: string): SmallDisk {
  const filler = path.join(directory, 'filler');
  return {
    directory,
    kind: 'file system',
    fill: () => {
      for (const bytes of [mebibyte, 4096]) fillWith(filler, Buffer.alloc(bytes));
    },
    free: () => rmSync(filler),
    remove: () => {
      run('umount', [directory]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** As prlimit(1) sets it on the running server: writing on fails with "file too large" where the largest file of now ends. */
function limitedFiles(directory: string): SmallDisk {
  const limit = (pid: number, most: string): void => {
    if (!run('prlimit', ['--pid', String(pid), `--fsize=${most}:unlimited`]))
      throw new Error('prlimit failed');
  };
  return {
    directory,
    kind: 'file size limit',
    fill: (pid) => {
      const journal = path.join(directory, 'journal');
      const sizes = readdirSync(journal).map((name) => statSync(path.join(journal, name)).size);
      limit(pid, String(Math.max(0, ...sizes)));
    },
    free: (pid) => limit(pid, 'unlimited'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Adds to a file until there is no room for more. */
function fillWith(file: string, bytes: Buffer): void {
  try {
    for (;;) appendFileSync(file, bytes);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}

function run(program: string, args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
