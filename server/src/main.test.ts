import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Config, loadConfig } from './config.ts';
import { acquireLock } from './data-directory.ts';
import { silentLog } from './db/testing.ts';
import { startServer } from './main.ts';
import { describeServer } from './server-address.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'weai-start-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** What an operator reads who starts with these settings; nothing was fetched or started by then. */
async function refusal(settings: Partial<Config>): Promise<string> {
  const config = { ...loadConfig(), dataDir: directory, port: 0, ...settings };
  const starting = startServer(config, silentLog, new AbortController().signal);
  return starting.then(
    () => 'started',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

test('a second start on a data directory is told which one has it', async () => {
  const lock = await acquireLock(directory, 'server');
  lock?.describe(describeServer('http://127.0.0.1:9123'));
  expect(await refusal({})).toBe(
    `StartError: WeAI is already running on ${directory} (process ${process.pid}, http://127.0.0.1:9123): ` +
      'use it, stop it, or choose another WEAI_DATA_DIR.',
  );
  await lock?.release();
});

test('a taken port, an address of another machine and a name that nobody knows are said', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect(await refusal({ port })).toMatch(/^StartError: Port \d+ of 127\.0\.0\.1 is taken: .* PORT=8081\.$/);
  other.close();
  expect(await refusal({ host: '203.0.113.1' })).toBe(
    'StartError: 203.0.113.1 is not an address of this machine: set HOST.',
  );
  expect(await refusal({ host: 'no-such-host.invalid' })).toMatch(
    /^StartError: no-such-host\.invalid is not a name/,
  );
});

test('a data directory that is a file is said', async () => {
  const file = join(directory, 'file');
  await writeFile(file, '');
  expect(await refusal({ dataDir: join(file, 'data') })).toMatch(
    /^DataDirectoryError: The data directory .* cannot be written/,
  );
});

test('a models file that is named but absent, or that cannot be read, is said before anything is fetched', async () => {
  const modelsFile = join(directory, 'models.yaml');
  expect(await refusal({ modelsFile })).toBe(
    `StartError: There is no ${modelsFile}, which WEAI_MODELS_FILE names.`,
  );
  await writeFile(modelsFile, 'models:\n  a: {}\nmodelz: 1\n');
  expect(await refusal({ modelsFile })).toMatch(/^DeclarationError: .*models\.yaml:\d+: /);
});
