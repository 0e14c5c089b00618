import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';

/** A server that answers, with the base URL (ending in `/v1`) and the headers that its clients send. */
export interface RunningServer {
  baseUrl: string;
  headers: Record<string, string>;
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
const stopGraceMs = 5_000;
const keptOutputChars = 4_000;

// The last resort, also after an uncaught error: nothing of a benchmark stays behind and disturbs the next one.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts a server and waits until it answers.
 * @throws Error with the end of the server's output if it exits or isn't ready in time.
 */
export async function startServer(server: ServerCommand): Promise<{ stop(): Promise<void> }> {
  const child = spawn(server.command, server.args, {
    env: { ...process.env, ...server.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  const keep = (bytes: Buffer): void => {
    output = (output + bytes.toString('utf8')).slice(-keptOutputChars);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', (error) => keep(Buffer.from(String(error))));
  child.once('close', () => running.delete(child));

  const deadline = performance.now() + server.startTimeoutMs;
  while (!(await answers(server.readyUrl))) {
    const exited = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
    if (exited || performance.now() > deadline) {
      await stop(child);
      throw new Error(`${server.name} ${exited ? 'ended' : 'was not ready in time'}:\n${output}`);
    }
    await delay(100);
  }
  return { stop: () => stop(child) };
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
