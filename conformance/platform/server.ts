import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { descendantsOf, stillRunning } from './processes.ts';
import { checkoutDirectory, seedWeights } from './weights.ts';

export interface RunningServer {
  baseUrl: string;
  apiKey: string;
  dataDirectory: string;
  pid: number;
  /** Environment of the server, for `weai` commands against the same data directory. */
  environment: NodeJS.ProcessEnv;
  /** What the server has printed so far. */
  output(): string;
  /** Stops with SIGTERM. Throws unless it exits with 0 and leaves no process behind. */
  stop(): Promise<void>;
  /** Ends the server alone, as the kernel would, and waits until it is gone. */
  kill(): Promise<void>;
}

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return address.port;
}

/** A fresh data directory that already holds the starter's weights. Its path is short, as Unix sockets need. */
export function makeDataDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'weai-'));
  seedWeights(directory);
  return directory;
}

/** Starts `./weai start` on a free port and waits until it answers with a model. */
export async function startServer(
  dataDirectory: string,
  settings: NodeJS.ProcessEnv = {},
): Promise<RunningServer> {
  const port = await freePort();
  const apiKey = 'weai-conformance-0123456789abcdef';
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: String(port),
    WEAI_DATA_DIR: dataDirectory,
    WEAI_BOOTSTRAP_API_KEY: apiKey,
    WEAI_MODELS_FILE: path.join(dataDirectory, 'weai.yaml'),
    DATABASE_URL: '',
    ...settings,
  };
  const logFile = path.join(dataDirectory, 'conformance-server.log');
  const log = openSync(logFile, 'a');
  const child = spawn(path.join(checkoutDirectory, 'weai'), ['start'], {
    cwd: checkoutDirectory,
    env: environment,
    stdio: ['ignore', log, log],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('./weai start could not be started');
  const output = (): string => readFileSync(logFile, 'utf8');
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  await waitUntilReady(baseUrl, apiKey, child, output);
  return {
    baseUrl,
    apiKey,
    dataDirectory,
    pid,
    environment,
    output,
    stop: () => stop(child, pid, output),
    kill: async () => {
      const ended = once(child, 'exit');
      // `./weai` may have started Node as a child: the server is whatever holds the engines.
      for (const entry of descendantsOf(pid).filter((each) => /server\/src\/(main|cli)/.test(each.command))) {
        process.kill(entry.pid, 'SIGKILL');
      }
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Removes a data directory that no server uses any more. */
export function removeDataDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

async function waitUntilReady(
  baseUrl: string,
  apiKey: string,
  child: ChildProcess,
  output: () => string,
): Promise<void> {
  const deadline = Date.now() + 110_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`./weai start exited with ${child.exitCode}:\n${output()}`);
    const answer = await fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({
        model: 'smollm2-135m',
        messages: [{ role: 'user', content: 'Hi' }],
        max_completion_tokens: 1,
      }),
      // Not listening yet is what this loop waits out.
    }).catch(() => undefined);
    await answer?.text();
    if (answer?.ok) return;
    await sleep(100);
  }
  child.kill('SIGKILL');
  throw new Error(`the server was not ready in time:\n${output()}`);
}

async function stop(child: ChildProcess, pid: number, output: () => string): Promise<void> {
  const children = descendantsOf(pid);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 40_000);
  await ended;
  clearTimeout(timer);
  if (child.exitCode !== 0) {
    throw new Error(
      `the server ended with ${child.exitCode ?? child.signalCode}, not 0:\n${output().slice(-3000)}`,
    );
  }
  const orphans = stillRunning(children);
  if (orphans.length > 0) throw new Error(`the server left processes behind:\n${orphans.join('\n')}`);
}
