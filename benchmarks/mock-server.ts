import { fileURLToPath } from 'node:url';
import { freePort, startServer, type RunningServer } from './server-process.ts';

/** Text chunks of an answer, streamed or not: a short sentence. */
export const mockChunks = 16;

const mockMain = fileURLToPath(new URL('./mock-upstream.ts', import.meta.url));

/** Starts the mock upstream as a process of its own, so that its work is not the load generator's. */
export async function startMock(): Promise<RunningServer> {
  const port = await freePort();
  const server = await startServer({
    name: 'mock upstream',
    command: process.execPath,
    args: [mockMain, '--port', String(port), '--chunks', String(mockChunks)],
    readyUrl: `http://127.0.0.1:${port}/v1/models`,
    startTimeoutMs: 10_000,
  });
  return { baseUrl: `http://127.0.0.1:${port}/v1`, headers: {}, ...server };
}
