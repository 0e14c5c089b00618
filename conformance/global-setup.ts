import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { stringify } from 'yaml';
import { loadSchemas, type Schemas } from './platform/description.ts';
import { startScriptedUpstream } from './platform/scripted-upstream.ts';
import { makeDataDirectory, removeDataDirectory, startServer } from './platform/server.ts';
import { checkoutDirectory } from './platform/weights.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server under test; `dataDirectory` and `pid` are null when it is one that runs elsewhere. */
    server: { baseUrl: string; apiKey: string; dataDirectory: string | null; pid: number | null };
    schemas: Schemas | null;
    /** Base URL of the upstream that answers for the model `scripted`. */
    scriptedUpstream: string;
  }
}

/**
 * Starts one server for all suites, and stops it after them: it must exit with 0 and leave no process behind.
 * With WEAI_CONFORMANCE_URL and WEAI_CONFORMANCE_KEY the suites run against that server instead.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  buildNodeClient();
  project.provide('schemas', loadSchemas());
  const upstream = await startScriptedUpstream();
  project.provide('scriptedUpstream', upstream.url);
  const elsewhere = process.env['WEAI_CONFORMANCE_URL'];
  if (elsewhere) {
    const apiKey = process.env['WEAI_CONFORMANCE_KEY'] ?? '';
    project.provide('server', { baseUrl: elsewhere, apiKey, dataDirectory: null, pid: null });
    return () => upstream.close();
  }
  const dataDirectory = makeDataDirectory();
  writeFileSync(
    path.join(dataDirectory, 'weai.yaml'),
    stringify({ models: { scripted: { remotes: [{ url: upstream.url }] } } }),
  );
  const server = await startServer(dataDirectory);
  const { baseUrl, apiKey, pid } = server;
  project.provide('server', { baseUrl, apiKey, dataDirectory, pid });
  return async () => {
    await server.stop();
    await upstream.close();
    removeDataDirectory(dataDirectory);
  };
}

/** The suites import `weai` as an application would: from its build. */
function buildNodeClient(): void {
  const directory = path.join(checkoutDirectory, 'sdk/node');
  const built = path.join(directory, 'dist/cjs/require.js');
  const sources = readdirSync(path.join(directory, 'src')).map((name) => path.join(directory, 'src', name));
  const newestSource = Math.max(...sources.map((file) => statSync(file).mtimeMs));
  if (existsSync(built) && statSync(built).mtimeMs > newestSource) return;
  execFileSync(process.execPath, ['build.ts'], { cwd: directory, stdio: 'inherit' });
}
