import { type IncomingMessage, type ServerResponse } from 'node:http';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { download, type DownloadOptions } from './download.ts';
import { AccessError, DiskFullError, DownloadError, VerificationError } from './download-errors.ts';
import { createDispatcher } from './fetching.ts';
import {
  type FileServer,
  serveBytes,
  someBytes,
  startFileServer,
  temporaryDirectory,
} from './file-server.fixture.ts';
import type { Progress } from './progress.ts';

const { content, sha256 } = someBytes(300_000);
const dispatcher = createDispatcher(null, 1_000);
const servers: FileServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(
  handler: (request: IncomingMessage, response: ServerResponse, attempt: number) => void,
): Promise<FileServer> {
  const server = await startFileServer(handler);
  servers.push(server);
  return server;
}

async function prepare(overrides: Partial<DownloadOptions> & { url: string }): Promise<DownloadOptions> {
  return {
    destination: join(await temporaryDirectory(), 'model.gguf'),
    sizeBytes: content.length,
    sha256,
    dispatcher,
    retry: { attempts: 3, firstDelayMs: 5 },
    ...overrides,
  };
}

/** As an earlier process left it. */
async function leavePart(destination: string, bytes: Buffer, etag: string | null = '"v1"'): Promise<void> {
  await writeFile(`${destination}.part`, bytes);
  await writeFile(
    `${destination}.part.json`,
    JSON.stringify({ etag, lastModified: null, totalBytes: content.length }),
  );
}

async function filesBeside(destination: string): Promise<string[]> {
  return (await readdir(join(destination, '..'))).toSorted();
}

test('a whole file arrives, is renamed, and leaves nothing else', async () => {
  const server = await serve((request, response) => serveBytes(request, response, content));
  const progress: Progress[] = [];
  const options = await prepare({ url: server.url, onProgress: (step) => progress.push(step) });
  await download(options);
  expect(await readFile(options.destination)).toEqual(content);
  expect(await filesBeside(options.destination)).toEqual(['model.gguf']);
  expect(progress.at(-1)).toMatchObject({ bytes: content.length, totalBytes: content.length });
});

test('a cut connection is continued from where it was cut', async () => {
  const server = await serve((request, response, attempt) =>
    serveBytes(request, response, content, attempt === 0 ? { cutAfterBytes: 100_000 } : {}),
  );
  const options = await prepare({ url: server.url });
  await download(options);
  expect(await readFile(options.destination)).toEqual(content);
  expect(server.seen.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=100000-']);
  expect(server.seen[1]?.headers['if-range']).toBe('"v1"');
});

test('the part of an earlier process is continued', async () => {
  const server = await serve((request, response) => serveBytes(request, response, content));
  const options = await prepare({ url: server.url });
  await leavePart(options.destination, content.subarray(0, 200_000));
  await download(options);
  expect(server.seen.map(({ headers }) => headers.range)).toEqual(['bytes=200000-']);
  expect(await readFile(options.destination)).toEqual(content);
});

test('a part that is complete already is verified without a request', async () => {
  const server = await serve((request, response) => serveBytes(request, response, content));
  const options = await prepare({ url: server.url });
  await leavePart(options.destination, content);
  await download(options);
  expect(server.seen).toHaveLength(0);
  expect(await readFile(options.destination)).toEqual(content);
});

test('a file that changed since the part was begun starts over', async () => {
  const server = await serve((request, response) => serveBytes(request, response, content, { etag: '"v2"' }));
  const options = await prepare({ url: server.url });
  await leavePart(options.destination, Buffer.alloc(200_000, 1));
  await download(options);
  expect(await readFile(options.destination)).toEqual(content);
});

test('a 206 with another entity tag than that of the part starts over', async () => {
  const server = await serve((request, response) => {
    delete request.headers['if-range'];
    serveBytes(request, response, content, { etag: '"v2"' });
  });
  const options = await prepare({ url: server.url });
  await leavePart(options.destination, Buffer.alloc(200_000, 1));
  await download(options);
  expect(await readFile(options.destination)).toEqual(content);
});

test('a server that keeps changing the file is given up on', async () => {
  const server = await serve((request, response, attempt) =>
    serveBytes(request, response, content, { etag: `"${attempt}"`, cutAfterBytes: 50_000 }),
  );
  await expect(download(await prepare({ url: server.url }))).rejects.toBeInstanceOf(DownloadError);
  expect(server.seen.length).toBeLessThan(10);
});

test('a server that ignores ranges starts over', async () => {
  const server = await serve((request, response) => {
    delete request.headers.range;
    serveBytes(request, response, content);
  });
  const options = await prepare({ url: server.url });
  await leavePart(options.destination, content.subarray(0, 200_000));
  await download(options);
  expect(await readFile(options.destination)).toEqual(content);
});

test('416 for a part that is too long starts over', async () => {
  const server = await serve((request, response) => serveBytes(request, response, content));
  const options = await prepare({ url: server.url });
  await leavePart(options.destination, Buffer.alloc(content.length + 5));
  await download(options);
  expect(server.seen.map(({ headers }) => headers.range)).toEqual([
    `bytes=${content.length + 5}-`,
    undefined,
  ]);
  expect(await readFile(options.destination)).toEqual(content);
});

test('another range than was asked for is refused and the part forgotten', async () => {
  const server = await serve((_request, response) => {
    response
      .writeHead(206, { etag: '"v1"', 'content-range': `bytes 0-9/${content.length}` })
      .end('0123456789');
  });
  const options = await prepare({ url: server.url });
  await leavePart(options.destination, content.subarray(0, 200_000));
  await expect(download(options)).rejects.toThrow('another range');
  expect(await readFile(`${options.destination}.part`)).toHaveLength(0);
});

test('half a sidecar, as a crash leaves it, starts over', async () => {
  const server = await serve((request, response) => serveBytes(request, response, content));
  const options = await prepare({ url: server.url });
  await writeFile(`${options.destination}.part`, 'x'.repeat(1000));
  await writeFile(`${options.destination}.part.json`, '{"etag": "');
  await download(options);
  expect(await readFile(options.destination)).toEqual(content);
});

test('wrong bytes are deleted, not renamed', async () => {
  const server = await serve((request, response) =>
    serveBytes(request, response, Buffer.alloc(content.length, 7)),
  );
  const options = await prepare({ url: server.url });
  await expect(download(options)).rejects.toBeInstanceOf(VerificationError);
  expect(await filesBeside(options.destination)).toEqual([]);
});

test.each([
  ['a length that is not the expected one', { 'content-length': '5' }, 'instead of 300000'],
  ['no length and too few bytes', { 'transfer-encoding': 'chunked' }, 'after 5 of 300000 bytes'],
])('%s is refused', async (_name, headers, message) => {
  const server = await serve((_request, response) => {
    response.writeHead(200, headers).end('12345');
  });
  await expect(download(await prepare({ url: server.url }))).rejects.toThrow(message);
});

test('5xx and 429 are tried again', async () => {
  const server = await serve((request, response, attempt) => {
    if (attempt === 0) response.writeHead(503).end();
    else if (attempt === 1) response.writeHead(429, { 'retry-after': '0' }).end();
    else serveBytes(request, response, content);
  });
  const options = await prepare({ url: server.url });
  await download(options);
  expect(server.seen).toHaveLength(3);
});

test('a server that always fails is given up on with a sentence', async () => {
  const server = await serve((_request, response) => response.writeHead(500).end());
  await expect(download(await prepare({ url: server.url }))).rejects.toThrow(
    `${server.host} answered 500. Several attempts failed`,
  );
  expect(server.seen).toHaveLength(3);
});

test.each([
  [404, DownloadError],
  [401, AccessError],
  [403, AccessError],
])('%i is final', async (status, kind) => {
  const server = await serve((_request, response) => response.writeHead(status).end());
  await expect(download(await prepare({ url: server.url }))).rejects.toBeInstanceOf(kind);
  expect(server.seen).toHaveLength(1);
});

test('credentials go to the first origin only', async () => {
  const files = await serve((request, response) => serveBytes(request, response, content));
  const hub = await serve((_request, response) => {
    response.writeHead(302, { location: `${files.url}/file?signature=1` }).end();
  });
  await download(await prepare({ url: hub.url, authorization: 'Bearer secret' }));
  expect(hub.seen[0]?.headers.authorization).toBe('Bearer secret');
  expect(files.seen[0]?.headers.authorization).toBeUndefined();
});

test('a ring of redirects ends', async () => {
  const server = await serve((_request, response) => response.writeHead(302, { location: '/again' }).end());
  await expect(download(await prepare({ url: server.url }))).rejects.toThrow('redirects more than 10 times');
});

test.each(['file:///etc/passwd', 'ftp://127.0.0.1/x'])('a redirect to %s is refused', async (location) => {
  const server = await serve((_request, response) => response.writeHead(302, { location }).end());
  await expect(download(await prepare({ url: server.url }))).rejects.toThrow('Only http and https');
});

test('a server that falls silent is left and asked for the rest', async () => {
  const server = await serve((request, response, attempt) => {
    if (attempt > 0) return serveBytes(request, response, content);
    response.writeHead(200, { etag: '"v1"', 'content-length': content.length });
    response.write(content.subarray(0, 1000));
  });
  const options = await prepare({ url: server.url });
  await download(options);
  expect(server.seen[1]?.headers.range).toBe('bytes=1000-');
  expect(await readFile(options.destination)).toEqual(content);
});

test('a slow server is waited for as long as bytes come', async () => {
  const server = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': content.length });
    let sent = 0;
    const timer = setInterval(() => {
      response.write(content.subarray(sent, sent + 50_000));
      sent += 50_000;
      if (sent >= content.length) clearInterval(timer);
    }, 250);
  });
  const options = await prepare({ url: server.url, retry: { attempts: 1, firstDelayMs: 1 } });
  await download(options);
  expect(server.seen).toHaveLength(1);
});

test('an abort leaves a part that can be continued', async () => {
  const server = await serve((request, response, attempt) => {
    if (attempt > 0) return serveBytes(request, response, content);
    response.writeHead(200, { etag: '"v1"', 'content-length': content.length });
    response.write(content.subarray(0, 120_000));
  });
  const abort = new AbortController();
  const options = await prepare({
    url: server.url,
    signal: abort.signal,
    onProgress: ({ bytes }) => {
      if (bytes === 120_000) abort.abort();
    },
  });
  await expect(download(options)).rejects.toThrow('aborted');
  await download({ ...options, signal: undefined, onProgress: undefined });
  expect(server.seen[1]?.headers.range).toBe('bytes=120000-');
  expect(await readFile(options.destination)).toEqual(content);
});

test('too little room is said before a byte is fetched', async () => {
  const server = await serve((request, response) => serveBytes(request, response, content));
  const options = await prepare({
    url: server.url,
    fileSystem: { open: (path, flags) => open(path, flags), freeBytes: () => Promise.resolve(1000) },
  });
  const error = await download(options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DiskFullError);
  expect(String(error)).toContain('300000 bytes) more are needed');
});

test('a disk that fills up under way leaves a part and a sentence', async () => {
  const server = await serve((request, response) => serveBytes(request, response, content));
  const options = await prepare({
    url: server.url,
    fileSystem: {
      freeBytes: () => Promise.resolve(1e12),
      open: async (path, flags) => {
        const handle = await open(path, flags);
        let room = 100_000;
        const write = handle.write.bind(handle);
        handle.write = async (...call: unknown[]) => {
          const [chunk, offset, length] = call;
          if (!(chunk instanceof Uint8Array)) throw new TypeError('only bytes are written');
          if (room === 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
          const written = await write(chunk, Number(offset), Math.min(Number(length), room));
          room -= written.bytesWritten;
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-explicit-any -- one of the overloads
          return written as any;
        };
        return handle;
      },
    },
  });
  await expect(download(options)).rejects.toBeInstanceOf(DiskFullError);
  expect(await readFile(`${options.destination}.part`)).toEqual(content.subarray(0, 100_000));
});
