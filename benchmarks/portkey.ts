import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startServer, type RunningServer } from './server-process.ts';

export const portkeyVersion = '1.15.2';

// Its range allows any 1.x, but with every version after this one its streams end in "TypeError: immutable"
// (https://github.com/Portkey-AI/gateway/issues/1389).
const honoNodeServerVersion = '1.14.1';

const cacheDirectory = join(import.meta.dirname, '../.cache/bench');
const packageDirectory = join(cacheDirectory, `portkey-${portkeyVersion}`);
const main = join(packageDirectory, 'node_modules/@portkey-ai/gateway/build/start-server.js');

/**
 * Installs the peer gateway into the cache unless it is there. It is no dependency of WeAI, so it isn't in the lockfile;
 * its install scripts don't run.
 * @throws Error if npm can't install it, as without a network.
 */
export function installPortkey(): void {
  if (existsSync(main)) return;
  mkdirSync(packageDirectory, { recursive: true });
  const dependencies = { '@portkey-ai/gateway': portkeyVersion };
  const overrides = { '@hono/node-server': honoNodeServerVersion };
  writeFileSync(
    join(packageDirectory, 'package.json'),
    JSON.stringify({ private: true, dependencies, overrides }),
  );
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev'], {
    cwd: packageDirectory,
    stdio: 'pipe',
    timeout: 120_000,
  });
}

/** Starts Portkey's gateway without its console, forwarding to `upstream` (its `x-portkey-custom-host`). */
export async function startPortkey(upstream: RunningServer): Promise<RunningServer> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const server = await startServer({
    name: 'Portkey gateway',
    command: process.execPath,
    args: [main, '--headless', `--port=${port}`],
    environment: { NODE_ENV: 'production' },
    readyUrl: origin,
    startTimeoutMs: 30_000,
  });
  return {
    baseUrl: `${origin}/v1`,
    headers: {
      authorization: 'Bearer not-checked',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': upstream.baseUrl,
    },
    ...server,
  };
}
