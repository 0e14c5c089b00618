import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { checkoutDirectory } from '../config.ts';
import { readStaticFiles, sendStaticFile, type StaticFiles } from '../http/static-files.ts';

interface Site {
  files: StaticFiles;
  policy: string;
  /** When it was built, in milliseconds. */
  builtAt: number;
}

interface Places {
  /** The built site. */
  site: string;
  /** Where `scripts/docs.sh` says what it is doing. */
  state: string;
}

const places: Places = {
  site: join(checkoutDirectory, 'docs/dist'),
  state: join(checkoutDirectory, '.cache/docs/state'),
};

/**
 * The documentation at `/docs`, from memory. It may be built while the server runs, so the directory is looked at again at most
 * once a second; until then, and while no build succeeded, the answer says what to do.
 */
export function docsRoutes(app: FastifyInstance, { site: directory, state } = places): void {
  let site: Site | null = null;
  let lookedAt = -Infinity;

  const current = (): Site | null => {
    const now = performance.now();
    if (now - lookedAt < 1000) return site;
    lookedAt = now;
    const builtAt = modifiedAt(join(directory, '.built'));
    if (builtAt !== null && builtAt !== site?.builtAt) site = readSite(directory, builtAt);
    return site;
  };

  const send = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { files, policy } = current() ?? { files: null, policy: closedPolicy };
    void reply.header('content-security-policy', policy).header('referrer-policy', 'same-origin');
    if (files === null) return sendState(reply, state);
    const address = addressOf(request.url);
    const file = files.get(address) ?? files.get(`${address.replace(/\/$/, '')}/index.html`);
    if (file !== undefined)
      return sendStaticFile(request, reply, file, { immutable: address.startsWith('/assets/') });
    const missing = files.get('/404.html');
    void reply.code(404);
    return missing === undefined
      ? reply.type('text/plain; charset=utf-8').send('No such page.\n')
      : reply.header('cache-control', 'no-cache').type(missing.type).send(missing.plain);
  };

  app.get('/docs', send);
  app.get('/docs/*', send);
}

/** The part of a URL after `/docs`, decoded: only what was read from the directory is ever found by it. */
function addressOf(url: string): string {
  const path = url.replace(/[?#].*$/s, '').slice('/docs'.length);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function readSite(directory: string, builtAt: number): Site {
  const { scripts, styles } = policySchema.parse(
    JSON.parse(readFileSync(join(directory, 'policy.json'), 'utf8')),
  );
  const quoted = (hashes: string[]) => hashes.map((hash) => ` '${hash}'`).join('');
  const policy = [
    "default-src 'none'",
    // Scripts of this server's own, and the inline ones that the build counted. Pagefind's search is WebAssembly.
    `script-src 'self' 'wasm-unsafe-eval'${quoted(scripts)}`,
    `style-src-elem 'self'${quoted(styles)}`,
    // Colours of code come as style attributes. Attributes alone can't load or run anything.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { files: readStaticFiles(directory), policy, builtAt };
}

/** What `docs/site/finish.ts` leaves. */
const policySchema = z.object({
  scripts: z.array(z.string().regex(/^sha256-[\w+/=]+$/)),
  styles: z.array(z.string().regex(/^sha256-[\w+/=]+$/)),
});

const closedPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/** 503 with a page that says whether the site is being built, has failed to be, or was never asked for. */
function sendState(reply: FastifyReply, stateFile: string): FastifyReply {
  const state = modifiedAt(stateFile) === null ? '' : readFileSync(stateFile, 'utf8').trim();
  const [word, pid] = state.split(' ');
  const building = word === 'building' && isRunning(Number(pid));
  const text = building
    ? 'The documentation is being built. This takes about a minute; the page looks again by itself.'
    : word === 'failed'
      ? 'The documentation could not be built. The log is <code>.cache/docs/build.log</code>; try again with <code>make docs</code>.'
      : 'The documentation is not built. Build it with <code>make docs</code>; the server takes it up by itself.';
  return reply
    .code(503)
    .header('retry-after', '5')
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(statePage(text, building));
}

function statePage(text: string, again: boolean): string {
  const refresh = again ? '<meta http-equiv="refresh" content="3">' : '';
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${refresh}
<title>WeAI documentation</title>
<style>:root { color-scheme: light dark; font: 16px/1.6 system-ui, sans-serif; } body { max-width: 38rem; margin: 15vh auto 0; padding: 0 1.5rem; }</style>
</head>
<body><main><h1>Documentation</h1><p>${text}</p></main></body>
</html>
`;
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function modifiedAt(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}
