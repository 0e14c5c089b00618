import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { ApiError } from '@weai/protocol/errors';
import { afterEach, expect, test } from 'vitest';
import { silentLog } from '../db/testing.ts';
import {
  type FileServer,
  serveBytes,
  someBytes,
  startFileServer,
  temporaryDirectory,
} from './file-server.fixture.ts';
import type { PullObject } from './model-details.ts';
import { type PullSettings, pullWeights } from './pull.ts';
import { Pulls, type PullsOptions } from './pulls.ts';

const { content, sha256 } = someBytes(300_000);
const half = content.length / 2;
const servers: FileServer[] = [];
const opened: Pulls[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((pulls) => pulls.stop()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Sends the first half and then nothing, until `goOn` is called; ranges are answered in full. */
async function slowServer(): Promise<FileServer & { goOn(): void }> {
  const waiting: (() => void)[] = [];
  const server = await serve((request, response) => {
    if (request.headers.range !== undefined) return serveBytes(request, response, content);
    response.writeHead(200, { etag: '"v1"', 'content-length': content.length });
    response.write(content.subarray(0, half));
    waiting.push(() => response.end(content.subarray(half)));
  });
  return { ...server, goOn: () => waiting.splice(0).forEach((finish) => finish()) };
}

async function serve(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<FileServer> {
  const server = await startFileServer(handler);
  servers.push(server);
  return server;
}

function entry(url: string, weights: { sizeBytes?: number; sha256?: string } = {}) {
  return {
    id: 'tiny',
    title: 'Tiny',
    family: 'tiny',
    parameters: 1,
    contextTokens: 1,
    licence: { name: 'L', url: 'http://l' },
    created: 0,
    ownedBy: 'us',
    capabilities: { imageInput: false, tools: true, structuredOutput: true, logprobs: true },
    weights: {
      fileName: 'tiny.gguf',
      sizeBytes: content.length,
      sha256,
      quantization: 'F32',
      sources: [{ kind: 'url' as const, url }],
      ...weights,
    },
  };
}

async function settings(): Promise<PullSettings> {
  return {
    dataDir: await temporaryDirectory(),
    hubUrl: 'http://127.0.0.1:9',
    hubToken: null,
    pythonIndexUrl: null,
    certificateFile: null,
  };
}

function open(options: Pick<PullsOptions, 'catalogue' | 'settings'> & Partial<PullsOptions>): Pulls {
  const pulls = new Pulls({ log: silentLog, onArrival: () => Promise.resolve(), ...options });
  opened.push(pulls);
  return pulls;
}

async function untilEnded(pulls: Pulls): Promise<PullObject[]> {
  return Array.fromAsync(pulls.watch('tiny', AbortSignal.timeout(10_000)));
}

async function untilBytes(pulls: Pulls, bytes: number): Promise<void> {
  await expect
    .poll(async () => (await pulls.status('tiny')).bytes, { timeout: 5000 })
    .toBeGreaterThanOrEqual(bytes);
}

const files = async ({ dataDir }: PullSettings) => (await readdir(join(dataDir, 'weights'))).toSorted();

test('a download shows how far it is, and ends verified', async () => {
  const server = await slowServer();
  const config = await settings();
  let arrived = false;
  const pulls = open({
    catalogue: [entry(server.url)],
    settings: config,
    onArrival: () => Promise.resolve(void (arrived = true)),
  });
  expect(await pulls.status('tiny')).toMatchObject({ state: 'idle', bytes: 0, verified: false });
  expect(await pulls.start('tiny')).toMatchObject({ state: 'running', total_bytes: content.length });
  await untilBytes(pulls, half);
  expect(await pulls.status('tiny')).toMatchObject({ source: server.url, error: null, verified: false });
  const watching = untilEnded(pulls);
  server.goOn();
  const states = await watching;
  expect(states[0]).toMatchObject({ state: 'running', bytes: half });
  expect(states.at(-1)).toMatchObject({ state: 'done', bytes: content.length, verified: true, step: null });
  expect(arrived).toBe(true);
  expect(await files(config)).toEqual(['tiny.gguf']);
  expect(await pulls.start('tiny')).toMatchObject({ state: 'done' });
  expect(server.seen).toHaveLength(1);
});

test('ten that ask at once get one download, and begin it once', async () => {
  const server = await serve((request, response) => serveBytes(request, response, content));
  const pulls = open({ catalogue: [entry(server.url)], settings: await settings() });
  let begun = 0;
  const asked = Array.from({ length: 10 }, () =>
    pulls.start('tiny', () => Promise.resolve(void (begun += 1))),
  );
  await Promise.all(asked);
  const watchers = await Promise.all(Array.from({ length: 10 }, () => untilEnded(pulls)));
  for (const states of watchers) expect(states.at(-1)).toMatchObject({ state: 'done' });
  expect([begun, server.seen.length]).toEqual([1, 1]);
});

test('a cut connection is taken up where it broke', async () => {
  const server = await serve((request, response) => {
    const cut = request.headers.range === undefined ? { cutAfterBytes: half } : {};
    serveBytes(request, response, content, cut);
  });
  const pulls = open({ catalogue: [entry(server.url)], settings: await settings() });
  await pulls.start('tiny');
  expect((await untilEnded(pulls)).at(-1)).toMatchObject({ state: 'done', error: null });
  expect(server.seen.map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${half}-`]);
});

test('a server that ends in the middle goes on after its next start', async () => {
  const server = await slowServer();
  const config = await settings();
  const catalogue = [entry(server.url)];
  const before = open({ catalogue, settings: config });
  await before.start('tiny');
  await untilBytes(before, half);
  await before.stop();
  const after = open({ catalogue, settings: config });
  await after.resume();
  expect((await untilEnded(after)).at(-1)).toMatchObject({ state: 'done', verified: true });
  expect(server.seen.at(-1)?.headers.range).toBe(`bytes=${half}-`);
  expect(await files(config)).toEqual(['tiny.gguf']);
});

test('a cancelled download keeps what it has, and is not taken up by the next start', async () => {
  const server = await slowServer();
  const config = await settings();
  const catalogue = [entry(server.url)];
  const pulls = open({ catalogue, settings: config });
  await pulls.start('tiny');
  await untilBytes(pulls, half);
  expect(await pulls.cancel('tiny')).toMatchObject({ state: 'cancelled', bytes: half, bytes_per_second: 0 });
  expect(await files(config)).toEqual(['tiny.gguf.part', 'tiny.gguf.part.json']);
  const after = open({ catalogue, settings: config });
  await after.resume();
  expect(await after.status('tiny')).toMatchObject({ state: 'idle', bytes: half });
  await expect(after.cancel('tiny')).rejects.toMatchObject({ code: 'conflict', param: 'model_id' });
  await after.start('tiny');
  expect((await untilEnded(after)).at(-1)).toMatchObject({ state: 'done' });
});

test('wrong bytes fail with a sentence, are deleted, and can be asked for again', async () => {
  let wrong = true;
  const server = await serve((request, response) =>
    serveBytes(request, response, wrong ? Buffer.alloc(content.length) : content),
  );
  const config = await settings();
  const pulls = open({ catalogue: [entry(server.url)], settings: config });
  await pulls.start('tiny');
  const failed = (await untilEnded(pulls)).at(-1);
  expect(failed).toMatchObject({ state: 'failed', verified: false });
  expect(failed?.error).toMatch(/not the right one: its SHA-256 is .* It was deleted/);
  expect(await files(config)).toEqual([]);
  wrong = false;
  expect(await pulls.start('tiny')).toMatchObject({ error: null });
  expect((await untilEnded(pulls)).at(-1)).toMatchObject({ state: 'done', error: null });
});

test('a disk that is too small fails with a sentence that says how much is missing', async () => {
  const sizeBytes = 5e15;
  const server = await serve((_request, response) => {
    response.writeHead(200, { etag: '"v1"', 'content-length': sizeBytes }).write('x');
  });
  const pulls = open({ catalogue: [entry(server.url, { sizeBytes })], settings: await settings() });
  await pulls.start('tiny');
  const failed = (await untilEnded(pulls)).at(-1);
  expect(failed?.state).toBe('failed');
  expect(failed?.error).toMatch(/is too full: 5000\.0 TB .* more are needed.* Make room/);
});

test('what another process fetches is shown, waited for, and not fetched twice', async () => {
  const server = await slowServer();
  const config = await settings();
  const tiny = entry(server.url);
  const other = pullWeights(tiny, config);
  const pulls = open({ catalogue: [tiny], settings: config });
  await untilBytes(pulls, half);
  expect(await pulls.status('tiny')).toMatchObject({
    state: 'running',
    step: expect.stringContaining('Another'),
  });
  await expect(pulls.cancel('tiny')).rejects.toThrow('stop it there');
  await pulls.start('tiny');
  await expect.poll(async () => (await pulls.status('tiny')).state).toBe('waiting');
  expect(await pulls.status('tiny')).toMatchObject({ bytes: half, total_bytes: content.length });
  server.goOn();
  await other;
  expect((await untilEnded(pulls)).at(-1)).toMatchObject({ state: 'done' });
  expect(server.seen).toHaveLength(1);
});

test('weights that were removed are idle again', async () => {
  const server = await serve((request, response) => serveBytes(request, response, content));
  const config = await settings();
  const pulls = open({ catalogue: [entry(server.url)], settings: config });
  await pulls.start('tiny');
  await untilEnded(pulls);
  await writeFile(join(config.dataDir, 'weights/tiny.gguf'), 'short');
  expect(await pulls.status('tiny')).toMatchObject({ state: 'idle', verified: false, bytes: 0 });
});

test('only models of the catalogue can be pulled', async () => {
  const config = await settings();
  const pulls = open({ catalogue: [entry('http://127.0.0.1:9')], settings: config });
  for (const act of [pulls.start('../tiny'), pulls.cancel('x'), pulls.status('x')]) {
    await expect(act).rejects.toBeInstanceOf(ApiError);
  }
  await expect(stat(join(config.dataDir, 'weights'))).rejects.toThrow('ENOENT');
  await expect(readFile(join(config.dataDir, 'tiny.wanted'))).rejects.toThrow('ENOENT');
});
