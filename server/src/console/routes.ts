import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { readStaticFiles, sendStaticFile, type StaticFiles } from '../http/static-files.ts';

const builtConsole = join(import.meta.dirname, '../../../console/dist');

/**
 * What pages may load: this server's own files only. Scripts and styles come from files, so that injected markup runs and
 * styles nothing; `blob:` and `data:` are for images that a person attaches.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>WeAI</title>
<h1>WeAI is running</h1><p>The API answers at <code>/v1</code>. The console is not built: run <code>make install</code>
and start again.</p></html>
`;

/**
 * The console: its files, and its page at every address that the build names as a page. Other addresses stay the API's, so
 * that an unknown one is answered with the API's 404.
 */
export function consoleRoutes(app: FastifyInstance, directory = builtConsole): void {
  const files = readStaticFiles(directory);
  const page = files.get('/index.html');

  const sendPage = (request: FastifyRequest, reply: FastifyReply) => {
    void reply
      .header('content-security-policy', policy)
      .header('referrer-policy', 'same-origin')
      .header('cross-origin-opener-policy', 'same-origin')
      .header('permissions-policy', 'camera=(), microphone=(), geolocation=()');
    if (page === undefined) return reply.code(503).type('text/html; charset=utf-8').send(notBuilt);
    return sendStaticFile(request, reply, page, { immutable: false });
  };

  app.get('/', sendPage);
  for (const path of pagePaths(files)) {
    app.get(path, sendPage);
    app.get(`${path}/*`, sendPage);
  }
  for (const [address, file] of files) {
    if (address === '/index.html' || address === '/pages.json') continue;
    const immutable = address.startsWith('/assets/');
    app.get(address, (request, reply) => sendStaticFile(request, reply, file, { immutable }));
  }
}

function pagePaths(files: StaticFiles): string[] {
  const list = files.get('/pages.json');
  if (list === undefined) return [];
  return z.array(z.string().regex(/^\/[a-z-]+$/)).parse(JSON.parse(list.plain.toString('utf8')));
}
