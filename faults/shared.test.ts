import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../server/src/db/embedded.ts';
import type { Limits } from '../server/src/limits/limits.ts';
import { doubled, ledgerRows, limitProject, log, withDatabase } from './platform/database.ts';
import { RedisServer } from './platform/redis.ts';
import { Installation } from './platform/server.ts';
import { type PacedUpstream, startUpstream } from './platform/upstream.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'weai-faults-shared-'));

describe('three servers with one database and one Redis', () => {
  let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
  let databaseUrl: string;
  let redis: RedisServer;
  let upstream: PacedUpstream;
  let servers: Installation[];

  beforeAll(async () => {
    redis = await RedisServer.start();
    postgres = await startEmbeddedPostgres(directory, log, true);
    const { host = '', user = '', database = '' } = postgres.connectionOptions;
    databaseUrl = `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`;
    upstream = await startUpstream();
    upstream.paceMs = 40;
    const settings = { DATABASE_URL: databaseUrl, REDIS_URL: redis.url };
    servers = [1, 2, 3].map(() => new Installation(upstream.url, settings));
    for (const server of servers) await server.start();
  });
  afterAll(async () => {
    for (const server of servers) {
      await server.stop();
      server.remove();
    }
    await upstream.close();
    await postgres.stop();
    await redis.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const limit = (limits: Partial<Limits>): Promise<void> =>
    limitProject({ dataDir: '', databaseUrl }, limits);

  /** Sends 64 requests at once, to each server in turn; how many passed. */
  async function race(
    name: string,
    headers: Record<string, string> = {},
  ): Promise<{ passed: number; texts: string[] }> {
    const answers = await Promise.all(
      Array.from({ length: 64 }, async (_, index) => {
        const answer = await servers[index % 3]?.post(`${name}-${index}`, { headers });
        return { status: answer?.status, text: (await answer?.text()) ?? '' };
      }),
    );
    const passed = answers.filter(({ status }) => status === 200);
    return { passed: passed.length, texts: passed.map(({ text }) => text) };
  }

  test.each<[string, Partial<Limits>, number]>([
    ['requests at once', { concurrentRequests: 7 }, 7],
    ['requests per minute', { requestsPerMinute: 25 }, 18],
  ])('64 racing requests at a limit of %s: exactly as many pass', async (name, limits, passes) => {
    await limit(limits);
    const { passed } = await race(name.replaceAll(' ', '-'));
    console.log(`three servers raced at 64 ways, ${name}: ${passed} of ${passes} passed`);
    expect(passed).toBe(passes);
  });

  test('64 equal requests with one Idempotency-Key: one execution, equal answers', async () => {
    await limit({});
    const before = upstream.reached.length;
    const { passed, texts } = await race('equal', { 'idempotency-key': 'equal' });
    console.log(
      `64 equal requests on three servers: ${upstream.reached.length - before} execution, ${new Set(texts).size} answer`,
    );
    expect([passed, upstream.reached.length - before, new Set(texts).size]).toEqual([64, 1, 1]);
  });

  test('without Redis each server gives its share, says so, and shares again when it is back', async () => {
    await limit({ concurrentRequests: 9 });
    await redis.kill();
    const { passed } = await race('alone');
    expect(passed).toBe(3 * 3);
    for (const server of servers) {
      expect(await server.readyz()).toMatchObject({
        status: 'degraded',
        problems: [expect.stringContaining('Redis is away')],
      });
    }
    await redis.start();
    for (const server of servers)
      await expect.poll(async () => (await server.readyz()).status, { timeout: 10_000 }).toBe('ready');
    const back = await race('back');
    expect(back.passed).toBe(9);
    console.log(`Redis stopped: 9 of 9 at the servers' shares, ${back.passed} of 9 when it was back`);
  });

  test('all of it is in the ledger once', async () => {
    const reached = new Set(upstream.reached).size;
    await expect
      .poll(async () => (await withDatabase({ dataDir: '', databaseUrl }, ledgerRows)).length)
      .toBe(upstream.reached.length);
    const rows = await withDatabase({ dataDir: '', databaseUrl }, ledgerRows);
    expect({ rows: rows.length, doubled: doubled(rows) }).toEqual({ rows: reached, doubled: 0 });
  });
});
