import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import { acquireLock, prepareDataDirectory } from '../data-directory.ts';
import type { Lock } from '../data-directory.ts';
import type { Logger } from '../log.ts';
import { prepareCluster, startPostgres, stopLeftover, stopPostgres } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { DatabaseError } from './errors.ts';

const waitForOtherMs = 30_000;
const longestRestartDelayMs = 5000;

/** A running embedded PostgreSQL, ours or that of a running server. */
export interface EmbeddedPostgres {
  connectionOptions: ClientConfig;
  /** Stops it where this process started it. */
  stop(): Promise<void>;
}

/**
 * Joins the PostgreSQL that another process runs on this data directory, else starts it. A server always runs
 * its own (`exclusive`): it waits until a command that started one has ended.
 */
export async function startEmbeddedPostgres(
  dataDir: string,
  log: Logger,
  exclusive: boolean,
): Promise<EmbeddedPostgres> {
  await prepareDataDirectory(dataDir);
  const deadline = performance.now() + waitForOtherMs;
  for (;;) {
    const lock = await acquireLock(dataDir, 'postgres');
    const cluster = lock === null && exclusive ? null : await prepareOrRelease(dataDir, lock);
    if (lock !== null && cluster !== null) return run(cluster, lock, log);
    if (cluster !== null && (await accepts(cluster))) {
      return { connectionOptions: connectionOptions(cluster), stop: () => Promise.resolve() };
    }
    if (performance.now() > deadline) {
      throw new DatabaseError(`Another process uses the database in ${dataDir}: stop it, then start again.`);
    }
    await sleep(50);
  }
}

async function prepareOrRelease(dataDir: string, lock: Lock | null): Promise<Cluster> {
  try {
    return await prepareCluster(dataDir);
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

function connectionOptions(cluster: Cluster): ClientConfig {
  return { host: cluster.socketDirectory, user: 'weai', database: 'postgres' };
}

async function accepts(cluster: Cluster): Promise<boolean> {
  const client = new Client({ ...connectionOptions(cluster), connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** Starts PostgreSQL and starts it again, with back-off, should it end by itself. */
async function run(cluster: Cluster, lock: Lock, log: Logger): Promise<EmbeddedPostgres> {
  let stopping = false;
  let child: ChildProcess;
  let restarting: Promise<void> = Promise.resolve();

  const start = async () => {
    await stopLeftover(cluster);
    child = await startPostgres(cluster);
    child.once('exit', (code, signal) => {
      if (stopping) return;
      log.error({ code, signal }, 'PostgreSQL ended by itself; starting it again');
      restarting = restart(100);
    });
  };
  const restart = async (delayMs: number): Promise<void> => {
    await sleep(delayMs);
    if (stopping) return;
    try {
      await start();
    } catch (error) {
      log.error({ err: error }, 'PostgreSQL cannot be started again yet');
      return restart(Math.min(delayMs * 2, longestRestartDelayMs));
    }
  };
  // The last resort for an exit that skips `stop`; `setpriv` does the same for a kill.
  const interrupt = () => child.kill('SIGINT');

  try {
    await start();
  } catch (error) {
    await lock.release();
    throw error;
  }
  process.once('exit', interrupt);
  return {
    connectionOptions: connectionOptions(cluster),
    stop: async () => {
      stopping = true;
      await restarting;
      if (child.pid !== undefined && child.exitCode === null) await stopPostgres(child.pid);
      process.off('exit', interrupt);
      await lock.release();
    },
  };
}
