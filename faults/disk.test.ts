import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyLedger } from '../server/src/ledger/verify.ts';
import { doubled, ledgerRows, withDatabase } from './platform/database.ts';
import { Installation, readStream } from './platform/server.ts';
import { makeSmallDisk, type SmallDisk } from './platform/small-disk.ts';
import { type PacedUpstream, startUpstream } from './platform/upstream.ts';

const mebibyte = 1024 * 1024;

let disk: SmallDisk;
let upstream: PacedUpstream;
let installation: Installation;

beforeAll(async () => {
  disk = makeSmallDisk(256 * mebibyte);
  upstream = await startUpstream();
  upstream.paceMs = 20;
  // Journal and database are both on it.
  installation = new Installation(upstream.url, {}, disk.directory);
  await installation.start();
});
afterAll(async () => {
  await installation.stop();
  await upstream.close();
  disk.remove();
});

test('a full disk: requests are refused with 503, those under way lose nothing, and all is well once there is room', async () => {
  const seen = new Map<string, number>();
  const failed: string[] = [];
  let number = 0;
  const client = async (running: AbortSignal): Promise<void> => {
    while (!running.aborted) {
      const requestId = `request-${(number += 1)}`;
      const answer = await installation.post(requestId);
      const { complete, completionTokens } = await readStream(answer);
      if (complete) seen.set(requestId, completionTokens);
      else failed.push(`${requestId}: ${answer.status}`);
    }
  };
  const running = new AbortController();
  const load = Array.from({ length: 24 }, () => client(running.signal));
  await expect.poll(() => seen.size, { timeout: 10_000 }).toBeGreaterThan(100);

  disk.fill(installation.pid);
  const problems = async () => (await installation.readyz()).problems.join();
  await expect.poll(problems, { timeout: 5000 }).toContain('the journal cannot be written');
  expect((await installation.readyz()).status).toBe('not_ready');
  const refusals = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const answer = await installation.post(`refused-${index}`);
      return `${answer.status} ${await answer.text()}`;
    }),
  );
  expect(refusals.filter((text) => !/^503 .*"code":"ledger_unavailable"/.test(text))).toEqual([]);
  // Longer than any answer takes: those under way wait with their last bytes.
  await sleep(1500);
  disk.free(installation.pid);
  const before = seen.size;
  await expect.poll(() => seen.size, { timeout: 20_000 }).toBeGreaterThan(before + 50);
  running.abort();
  await Promise.all(load);
  await expect.poll(async () => (await installation.readyz()).status, { timeout: 20_000 }).toBe('ready');

  const { dataDir } = installation;
  await withDatabase({ dataDir, databaseUrl: null }, async (database) => {
    await expect
      .poll(async () => (await ledgerRows(database)).length, { timeout: 10_000 })
      .toBe(upstream.reached.length);
    const rows = await ledgerRows(database);
    const counts = new Map(rows.map((row) => [row.request_id, row.completion_tokens]));
    const lost = upstream.reached.filter((requestId) => !counts.has(requestId));
    const different = [...seen].filter(([requestId, tokens]) => counts.get(requestId) !== tokens);
    console.log(
      `disk full (${disk.kind}): ${upstream.reached.length} requests reached the engine, ${seen.size} answered in full, ` +
        `${refusals.length} refused with 503, ${failed.length} failed, ${lost.length} lost, ${doubled(rows)} doubled, ` +
        `${different.length} with other counts`,
    );
    expect({
      failed: failed.filter((text) => !text.endsWith('503')),
      lost,
      different,
      doubled: doubled(rows),
    }).toEqual({ failed: [], lost: [], different: [], doubled: 0 });
    const checks = await verifyLedger({
      dataDir,
      kysely: database.kysely,
      serverRuns: true,
      deployments: [],
    });
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });
});
