import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A file in memory, with its compressed forms where the build made them. */
interface StaticFile {
  type: string;
  etag: string;
  plain: Buffer;
  br: Buffer | null;
  gzip: Buffer | null;
}

/** Address below the directory (`/assets/a.js`) → file. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  // Pagefind's search index, fetched by its script: https://pagefind.app
  '.pagefind': 'application/wasm',
  '.pf_fragment': 'application/octet-stream',
  '.pf_index': 'application/octet-stream',
  '.pf_meta': 'application/octet-stream',
};

/**
 * Reads a directory of built files, once; empty when it isn't there. They are a few megabytes at most, and since only what
 * was read is ever served, no request's path reaches the disk. That, and no package to keep, is why this isn't
 * @fastify/static.
 */
export function readStaticFiles(directory: string): StaticFiles {
  const files = new Map<string, StaticFile>();
  if (!existsSync(directory)) return files;
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const type = types[extname(name)];
    if (type === undefined) continue;
    const path = join(directory, name);
    const plain = readFileSync(path);
    const compressed = (extension: string) =>
      existsSync(path + extension) ? readFileSync(path + extension) : null;
    files.set(`/${name}`, {
      type,
      etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
      plain,
      br: compressed('.br'),
      gzip: compressed('.gz'),
    });
  }
  return files;
}

/** Answers with a file, in the form that the client takes; 304 when it has it already. */
export function sendStaticFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: StaticFile,
  { immutable }: { immutable: boolean },
): FastifyReply {
  void reply
    .header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    .header('etag', file.etag)
    .header('vary', 'accept-encoding')
    .header('x-content-type-options', 'nosniff');
  if (request.headers['if-none-match']?.includes(file.etag) === true) return reply.code(304).send();
  const accepted = request.headers['accept-encoding'] ?? '';
  const encoding = (['br', 'gzip'] as const).find(
    (name) =>
      file[name] !== null && new RegExp(`\\b${name}\\b(?!\\s*;\\s*q=0(?:\\.0*)?(?:,|$))`).test(accepted),
  );
  if (encoding !== undefined) void reply.header('content-encoding', encoding);
  return reply.type(file.type).send(encoding === undefined ? file.plain : file[encoding]);
}
