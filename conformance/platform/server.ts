import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServerProcess } from './server-process.ts';
import { seedWeights } from './weights.ts';

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
  const apiKey = 'weai-conformance-0123456789abcdef';
  const server = await ServerProcess.start({
    dataDirectory,
    apiKey,
    logName: 'conformance-server.log',
    settings,
    startTimeoutMs: 110_000,
    isReady: async (url) => {
      const answer = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
        body: JSON.stringify({
          model: 'smollm2-135m',
          messages: [{ role: 'user', content: 'Hi' }],
          max_completion_tokens: 1,
        }),
      });
      await answer.text();
      return answer.ok;
    },
  });
  return {
    baseUrl: `${server.url}/v1`,
    apiKey,
    dataDirectory,
    pid: server.pid,
    environment: server.environment,
    output: () => server.output(),
    stop: () => server.stop(),
    kill: () => server.kill(),
  };
}

/** Removes a data directory that no server uses any more. */
export function removeDataDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}
