import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { runDirectory } from './run-directory.ts';

/** A server that answers, with the base URL (ending in `/v1`) and the headers that its clients send. */
export interface RunningServer {
  baseUrl: string;
  headers: Record<string, string>;
  /** What else it consists of descends from this process. */
  processId: number;
  stop(): Promise<void>;
}

export interface ServerCommand {
  name: string;
  command: string;
  args: readonly string[];
  environment?: Record<string, string>;
  /** Any answer below 500 on this URL counts as ready. */
  readyUrl: string;
  startTimeoutMs: number;
}

const running = new Set<ChildProcess>();
let started = 0;
const stopGraceMs = 15_000;
const keptOutputChars = 4_000;

// The last resort, also after an uncaught error: nothing of a benchmark stays behind and disturbs the next one.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts a server and waits until it answers.
 * @throws Error with the end of the server's output if it exits or isn't ready in time.
 */
export async function startServer(server: ServerCommand): Promise<Pick<RunningServer, 'processId' | 'stop'>> {
  // A file, so that a server's log costs the load generator nothing.
  const outputPath = join(runDirectory, `${started}.log`);
  started += 1;
  const output = openSync(outputPath, 'w');
  const child = spawn(server.command, server.args, {
    env: { ...process.env, ...server.environment },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  running.add(child);
  let failure = '';
  child.once('error', (error) => {
    failure = `${String(error)}\n`;
  });
  child.once('close', () => running.delete(child));

  const deadline = performance.now() + server.startTimeoutMs;
  while (!(await answers(server.readyUrl))) {
    const exited = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
    if (exited || performance.now() > deadline) {
      const said = failure + readFileSync(outputPath, 'utf8').slice(-keptOutputChars);
      await stop(child);
      throw new Error(`${server.name} ${exited ? 'ended' : 'was not ready in time'}:\n${said}`);
    }
    await delay(100);
  }
  if (child.pid === undefined) throw new Error(`${server.name} answers, but did not start`);
  return { processId: child.pid, stop: () => stop(child) };
}

/** Takes a server that starts, to be stopped when the work is over. */
export type Keep = <Server extends RunningServer>(server: Promise<Server>) => Promise<Server>;

/** Runs `work` and stops every server that it has given to `keep`, however it ends. */
export async function withServers<Result>(work: (keep: Keep) => Promise<Result>): Promise<Result> {
  const kept: RunningServer[] = [];
  try {
    return await work(async (server) => {
      const ready = await server;
      kept.push(ready);
      return ready;
    });
  } finally {
    for (const server of kept.toReversed()) await server.stop();
  }
}

/** Ends every server that is still up: politely first, then by force. */
export async function stopAllServers(): Promise<void> {
  await Promise.all([...running].map(stop));
}

/** A TCP port of the loopback interface that nobody listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no TCP port');
  return address.port;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await request(url, { headersTimeout: 2_000 });
    await response.body.dump();
    return response.statusCode < 500;
  } catch {
    return false; // Not listening yet: the caller asks again until its deadline.
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  if (child.pid === undefined) {
    running.delete(child);
    return;
  }
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
  await closed;
  clearTimeout(force);
}
