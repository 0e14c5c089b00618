import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { stringify } from 'yaml';
import { startScriptedUpstream } from '../../conformance/platform/scripted-upstream.ts';
import { makeDataDirectory, removeDataDirectory, startServer } from '../../conformance/platform/server.ts';
import { makeOwner, ownerLinkIn } from './platform/owner.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the console is, without a slash at the end, a key of its first project, and an admin key, and the
     * session cookie of its owner. */
    console: { url: string; apiKey: string; adminKey: string; ownerCookie: string };
    /** Base URL of the engine that answers as scripted for `scripted`, for `scripted-images`, which takes some, and for
     * `scripted-small` and `scripted-large`, which have prices. */
    scriptedUpstream: string;
  }
}

/** Builds the console, and starts one real server with the real engine for all tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const checkout = path.resolve(import.meta.dirname, '../..');
  const vite = path.join(checkout, 'node_modules/vite/bin/vite.js');
  execFileSync(process.execPath, [vite, 'build', 'console', '--logLevel', 'warn'], {
    cwd: checkout,
    stdio: 'inherit',
    // Vitest's own is `test`, with which React's slow development version would be built, and left behind for `make start`.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const dataDirectory = makeDataDirectory();
  const upstream = await startScriptedUpstream();
  project.provide('scriptedUpstream', upstream.url);
  const remote = { url: upstream.url, upstream_model: 'scripted' };
  writeFileSync(
    path.join(dataDirectory, 'weai.yaml'),
    stringify({
      models: {
        scripted: { remotes: [remote] },
        'scripted-images': { remotes: [{ ...remote, image_input: true }] },
        'scripted-small': { remotes: [remote], price: { input: '0.10', output: '0.20' } },
        'scripted-large': { remotes: [remote], price: { input: '1.00', output: '2.00' } },
      },
    }),
  );
  const server = await startServer(dataDirectory);
  const { origin: url } = new URL(server.baseUrl);
  project.provide('console', {
    url,
    ownerCookie: await makeOwner(url, ownerLinkIn(server.output())),
    apiKey: server.apiKey,
    adminKey: readFileSync(path.join(dataDirectory, 'admin-key'), 'utf8').trim(),
  });
  return async () => {
    await server.stop();
    await upstream.close();
    removeDataDirectory(dataDirectory);
  };
}
