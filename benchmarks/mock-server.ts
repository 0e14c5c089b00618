import { fileURLToPath } from 'node:url';
import { freePort, startServer, type RunningServer } from './server-process.ts';

/** Text chunks of an answer, streamed or not: a short sentence. */
export const mockChunks = 16;

const mockMain = fileURLToPath(new URL('./mock-upstream.ts', import.meta.url));

export interface MockOptions {
  /** Tokens of an answer. */
  chunks?: number;
  /** All streams get their next token together after this time, as from an engine that batches them. */
  tokenDelayMs?: number;
}

/** Starts the mock upstream as a process of its own, so that its work is not the load generator's. */
export async function startMock({
  chunks = mockChunks,
  tokenDelayMs = 0,
}: MockOptions = {}): Promise<RunningServer> {
  const port = await freePort();
  const server = await startServer({
    name: 'mock upstream',
    command: process.execPath,
    args: [mockMain, `--port=${port}`, `--chunks=${chunks}`, `--token-delay-ms=${tokenDelayMs}`],
    readyUrl: `http://127.0.0.1:${port}/v1/models`,
    startTimeoutMs: 10_000,
  });
  return { baseUrl: `http://127.0.0.1:${port}/v1`, headers: {}, ...server };
}
