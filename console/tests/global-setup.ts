import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { makeDataDirectory, removeDataDirectory, startServer } from '../../conformance/platform/server.ts';
import { screenshotDirectory } from './platform/screenshots.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the console is, without a slash at the end, a key of its first project, and an admin key. */
    console: { url: string; apiKey: string; adminKey: string };
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
  project.provide('console', {
    url: new URL(server.baseUrl).origin,
    apiKey: server.apiKey,
    adminKey: readFileSync(path.join(dataDirectory, 'admin-key'), 'utf8').trim(),
  });
  return async () => {
    await server.stop();
    removeDataDirectory(dataDirectory);
  };
}
