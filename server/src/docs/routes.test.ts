import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { docsRoutes } from './routes.ts';

let directory: string;
let app: FastifyInstance;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weai-docs-'));
  app = fastify();
  docsRoutes(app, { site: join(directory, 'dist'), state: join(directory, 'state') });
});

afterEach(async () => {
  await app.close();
  rmSync(directory, { recursive: true });
});

function build(text: string): void {
  const site = join(directory, 'dist');
  mkdirSync(join(site, 'quickstart'), { recursive: true });
  mkdirSync(join(site, 'assets'), { recursive: true });
  writeFileSync(join(site, 'index.html'), text);
  writeFileSync(join(site, '404.html'), 'nothing here');
  writeFileSync(join(site, 'quickstart/index.html'), 'quick');
  writeFileSync(join(site, 'assets/a.js'), '1');
  writeFileSync(join(site, 'policy.json'), JSON.stringify({ scripts: ['sha256-abc='], styles: [] }));
  writeFileSync(join(site, '.built'), '');
}

test('pages come with or without a slash at the end, under a policy of hashes', async () => {
  build('front');
  expect((await app.inject('/docs')).body).toBe('front');
  expect((await app.inject('/docs/')).body).toBe('front');
  expect((await app.inject('/docs/quickstart')).body).toBe('quick');
  const page = await app.inject('/docs/quickstart/?a=b');
  expect(page.statusCode).toBe(200);
  const policy = String(page.headers['content-security-policy']);
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval' 'sha256-abc=';");
  expect(policy).not.toMatch(/script-src[^;]*unsafe-inline|https?:|\*/);
  expect((await app.inject('/docs/assets/a.js')).headers['cache-control']).toContain('immutable');
});

test.each([
  '/docs/nothing',
  '/docs/../package.json',
  '/docs/%2e%2e/state',
  '/docs/.built',
  '/docs/%',
  '/docs/policy.json/x',
])('%s is a page that is not there', async (url) => {
  build('front');
  writeFileSync(join(directory, 'state'), 'secret');
  const answer = await app.inject(url);
  expect([400, 404]).toContain(answer.statusCode);
  expect(answer.body).not.toContain('secret');
});

test.each([
  ['', 'make docs'],
  [`building ${process.pid}`, 'is being built'],
  ['building 4194999', 'make docs'],
  ['failed', 'build.log'],
])('without a site and the state "%s" it says what to do', async (state, words) => {
  if (state !== '') writeFileSync(join(directory, 'state'), state);
  const answer = await app.inject('/docs/');
  expect(answer.statusCode).toBe(503);
  expect(answer.headers['retry-after']).toBe('5');
  expect(answer.body).toContain(words);
});

test('a site that is built while the server runs is taken up, and so is the next one', async () => {
  expect((await app.inject('/docs')).statusCode).toBe(503);
  build('first');
  await sleep(1050);
  expect((await app.inject('/docs')).body).toBe('first');
  build('second');
  await sleep(1050);
  expect((await app.inject('/docs')).body).toBe('second');
});
