import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { acquireLock } from './data-directory.ts';
import { describeServer, localAddress } from './server-address.ts';

test.each([
  ['127.0.0.1', 'http://127.0.0.1:8080'],
  ['0.0.0.0', 'http://localhost:8080'],
  ['::1', 'http://[::1]:8080'],
])('while none runs, a server on %s would be at %s', async (host, address) => {
  expect(await localAddress({ dataDir: '/nowhere/at/all', host, port: 8080 })).toBe(address);
});

test('a running server is where it listens, whatever the settings of the command', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'weai-address-'));
  const settings = { dataDir, host: '127.0.0.1', port: 8080 };
  const lock = await acquireLock(dataDir, 'server');
  expect(await localAddress(settings)).toBe('http://127.0.0.1:8080');
  lock?.describe(describeServer('http://127.0.0.1:9123'));
  expect(await localAddress(settings)).toBe('http://127.0.0.1:9123');
  await lock?.release();
  expect(await localAddress(settings)).toBe('http://127.0.0.1:8080');
  await rm(dataDir, { recursive: true });
});
