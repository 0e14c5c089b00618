import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a request was, for assertions. */
interface SeenRequest {
  url: string;
  headers: IncomingMessage['headers'];
}

export interface FileServer {
  url: string;
  /** Host and port. */
  host: string;
  seen: SeenRequest[];
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse, attempt: number) => void;

/** An HTTP server on the loopback whose handler also gets the number of the request, from 0. */
export async function startFileServer(handler: Handler): Promise<FileServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url ?? '', headers: request.headers });
    handler(request, response, seen.length - 1);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has such an address
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Serves bytes as a good server does: entity tag, ranges, `If-Range`, 416 (RFC 9110, 13.1.5 and 14). */
export function serveBytes(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  { etag = '"v1"', cutAfterBytes }: { etag?: string; cutAfterBytes?: number } = {},
): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN);
  const condition = request.headers['if-range'];
  const ranged = !Number.isNaN(from) && (condition === undefined || condition === etag);
  if (ranged && from >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const start = ranged ? from : 0;
  const body = content.subarray(start);
  response.writeHead(ranged ? 206 : 200, {
    etag,
    'content-length': body.length,
    ...(ranged ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
  });
  if (cutAfterBytes === undefined) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, cutAfterBytes), () => setTimeout(() => response.destroy(), 20));
}

/** Bytes that don't repeat, and their SHA-256. */
export function someBytes(length: number): { content: Buffer; sha256: string } {
  const content = randomBytes(length);
  return { content, sha256: createHash('sha256').update(content).digest('hex') };
}

export function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'weai-models-'));
}
