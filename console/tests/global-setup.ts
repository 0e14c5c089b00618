import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { makeDataDirectory, removeDataDirectory, startServer } from '../../conformance/platform/server.ts';
import { screenshotDirectory } from './platform/screenshots.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the console is, without a slash at the end, a key of its first project, and an admin key, and the
     * session cookie of its owner. */
    console: { url: string; apiKey: string; adminKey: string; ownerCookie: string };
  }
}

/** Builds the console, and starts one real server with the real engine for all tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const checkout = path.resolve(import.meta.dirname, '../..');
  const vite = path.join(checkout, 'node_modules/vite/bin/vite.js');
  execFileSync(process.execPath, [vite, 'build', 'console', '--logLevel', 'warn'], {
    cwd: checkout,
    stdio: 'inherit',
  });
  mkdirSync(screenshotDirectory, { recursive: true });
  const dataDirectory = makeDataDirectory();
  const server = await startServer(dataDirectory);
  const { origin: url } = new URL(server.baseUrl);
  project.provide('console', {
    url,
    ownerCookie: await makeOwner(url, server.output()),
    apiKey: server.apiKey,
    adminKey: readFileSync(path.join(dataDirectory, 'admin-key'), 'utf8').trim(),
  });
  return async () => {
    await server.stop();
    removeDataDirectory(dataDirectory);
  };
}

/** Follows the link that the server printed for its first owner. Returns the session's cookie, as `name=value`. */
async function makeOwner(url: string, output: string): Promise<string> {
  const [, token] = /\/welcome\?token=([\w-]+)/.exec(output) ?? [];
  const answer = await fetch(`${url}/auth/welcome`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url, 'x-weai-csrf': '1' },
    body: JSON.stringify({
      token,
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      password: 'a difference engine',
    }),
  });
  const [cookie] = answer.headers.getSetCookie();
  if (!answer.ok || cookie === undefined)
    throw new Error(`nobody became the owner: ${answer.status} ${await answer.text()}`);
  return cookie.split(';')[0] ?? '';
}
