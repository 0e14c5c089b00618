import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { fastify, type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { beforeAll, expect, it } from 'vitest';
import { answerErrors } from '../errors.ts';
import { answerUnknownPaths } from '../http/unknown-paths.ts';
import { consoleRoutes } from './routes.ts';

let app: FastifyInstance;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'weai-console-'));
  await mkdir(join(directory, 'assets'));
  await writeFile(join(directory, 'index.html'), '<p>the console</p>');
  await writeFile(join(directory, 'pages.json'), '["/playground"]');
  await writeFile(join(directory, 'assets/main-1a2b.js'), 'console.log(1)');
  await writeFile(join(directory, 'assets/main-1a2b.js.br'), brotliCompressSync('console.log(1)'));
  await writeFile(join(directory, '../secret.js'), 'secret');
  app = fastify();
  answerErrors(app, pino({ level: 'silent' }));
  answerUnknownPaths(app, new Map());
  consoleRoutes(app, directory);
  await app.ready();
});

it.each(['/', '/playground', '/playground/conv_1?project=p', '/playground/a/b'])(
  'answers %s with the console and its policy',
  async (url) => {
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe('<p>the console</p>');
    expect(answer.headers['cache-control']).toBe('no-cache');
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
  },
);

it.each([
  '/v1/nothing',
  '/unknown',
  '/pages.json',
  '/assets/gone.js',
  '/assets/..%2f..%2fsecret.js',
  '/../secret.js',
])('answers %s with the API’s 404', async (url) => {
  const answer = await app.inject(url);
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toMatchObject({ error: { code: 'unknown_url' } });
});

it('lets hashed files be kept for ever, compressed as the client takes them', async () => {
  const url = '/assets/main-1a2b.js';
  const compressed = await app.inject({ url, headers: { 'accept-encoding': 'gzip, br' } });
  expect(compressed.headers).toMatchObject({
    'content-encoding': 'br',
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': 'text/javascript; charset=utf-8',
    vary: 'accept-encoding',
  });
  for (const accepted of ['gzip', 'br;q=0', '']) {
    const plain = await app.inject({ url, headers: { 'accept-encoding': accepted } });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.body).toBe('console.log(1)');
  }
});

it('answers 304 to a client that has the page', async () => {
  const { headers } = await app.inject('/');
  const again = await app.inject({ url: '/', headers: { 'if-none-match': String(headers.etag) } });
  expect(again.statusCode).toBe(304);
  expect(again.body).toBe('');
});

it('says how to build a console that is not there', async () => {
  const bare = fastify();
  consoleRoutes(bare, '/nonexistent');
  const answer = await bare.inject('/');
  expect(answer.statusCode).toBe(503);
  expect(answer.body).toContain('make install');
});
