import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { afterAll, afterEach, beforeAll, expect, describe, test } from 'vitest';
import { openTestDatabase, silentLog } from '../db/testing.ts';
import { Delivery } from '../ledger/delivery.ts';
import { Shipper } from '../ledger/shipper.ts';
import { openJournal, settled, started, temporaryDirectory } from '../ledger/testing.ts';
import type { Claim } from './counters.ts';
import { type Limits, unlimited } from './limits.ts';
import { MemoryCounters } from './memory-counters.ts';
import { spentSoFar } from './rebuild.ts';
import { RedisCounters, type RedisOptions } from './redis-counters.ts';

const installed = spawnSync('redis-server', ['--version']).status === 0;
const directory = mkdtempSync(join(tmpdir(), 'weai-redis-'));
const socket = join(directory, 'redis.sock');
let redis: ChildProcess;
let prefix = '';
const servers: RedisCounters[] = [];

async function startRedis(): Promise<void> {
  redis = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', directory], {
    stdio: 'ignore',
  });
  const client = createClient({ socket: { path: socket, tls: false } });
  client.on('error', () => undefined);
  await client.connect();
  client.destroy();
}

async function stopRedis(): Promise<void> {
  const ended = once(redis, 'exit');
  redis.kill();
  await ended;
}

async function server(options: Partial<RedisOptions> = {}): Promise<RedisCounters> {
  const counters = new RedisCounters({
    url: `unix://${socket}`,
    log: silentLog,
    fallback: new MemoryCounters(() => performance.now(), 0.34),
    spentInLedger: () => Promise.resolve(0),
    timeoutMs: 5000,
    prefix,
    ...options,
  });
  servers.push(counters);
  await counters.start();
  return counters;
}

function claimOf(limits: Partial<Limits>, fields: Partial<Claim> = {}): Claim {
  const subjects = [{ kind: 'project' as const, id: 'p', limits: { ...unlimited, ...limits } }];
  return { subjects, tokens: 0, nanos: 0, day: '2026-11-23', month: '2026-11', ...fields };
}

describe.skipIf(!installed)('counters in Redis', () => {
  beforeAll(startRedis);
  afterAll(stopRedis);
  afterEach(() => {
    for (const each of servers.splice(0)) each.stop();
    prefix = `test-${Math.random()}:`;
  });

  test.each<[string, Partial<Limits>, Partial<Claim>, number]>([
    ['requests per minute', { requestsPerMinute: 10 }, {}, 10],
    ['tokens per minute', { tokensPerMinute: 1000 }, { tokens: 90 }, 11],
    ['requests at once', { concurrentRequests: 7 }, {}, 7],
    ['money per day', { nanosPerDay: 100_000_000_000_000 }, { nanos: 30_000_000_000_000 }, 3],
    ['money per month', { nanosPerMonth: 100 }, { nanos: 50 }, 2],
  ])(
    'let exactly as many of 64 racing requests on three servers through as the limit of %s says',
    async (_, limits, claim, passes) => {
      const three = await Promise.all([server(), server(), server()]);
      const decisions = await Promise.all(
        Array.from({ length: 64 }, async (__, index) => three[index % 3]?.claim(claimOf(limits, claim))),
      );
      expect(three.map(({ problem }) => problem)).toEqual([null, null, null]);
      expect(decisions.filter((decision) => decision?.reservation)).toHaveLength(passes);
      expect(decisions.filter((decision) => decision?.refusal)).toHaveLength(64 - passes);
    },
  );

  test('tell the rates, and correct them when a request is settled', async () => {
    const counters = await server();
    const limits = { requestsPerMinute: 5, tokensPerMinute: 100, concurrentRequests: 1 };
    const first = await counters.claim(claimOf(limits, { tokens: 90 }));
    expect(first).toMatchObject({
      requests: { limit: 5, remaining: 4 },
      tokens: { limit: 100, remaining: 10 },
    });
    first.reservation?.settle({ tokens: 20, nanos: 0 });
    const second = await counters.claim(claimOf(limits, { tokens: 30 }));
    expect(second).toMatchObject({ refusal: null, tokens: { remaining: 50 } });
    const third = await counters.claim(claimOf(limits, { tokens: 60 }));
    expect(third.refusal).toMatchObject({ what: 'tokens', subject: 'project', limit: 100 });
    expect(third.refusal?.waitMs).toBeGreaterThan(50_000);
  });

  test('begin with what the ledger says was spent', async () => {
    const counters = await server({
      spentInLedger: (_, period) => Promise.resolve(period.length === 7 ? 95 : 5),
    });
    expect(
      (await counters.claim(claimOf({ nanosPerDay: 100, nanosPerMonth: 100 }, { nanos: 6 }))).refusal,
    ).toMatchObject({
      what: 'month',
      held: false,
    });
    const passed = await counters.claim(claimOf({ nanosPerDay: 100, nanosPerMonth: 100 }, { nanos: 5 }));
    counters.spend(['project:p'], '2026-11-23', '2026-11', 5);
    passed.reservation?.settle({ tokens: 0, nanos: 5 });
    expect((await counters.claim(claimOf({ nanosPerMonth: 100 }))).refusal).toMatchObject({ what: 'month' });
  });

  test('free what a dead server held, once its lease is over, and keep what a living one holds', async () => {
    const dead = await server({ leaseMs: 300 });
    await dead.claim(claimOf({ concurrentRequests: 1 }));
    dead.stop();
    const living = await server({ leaseMs: 300 });
    expect((await living.claim(claimOf({ concurrentRequests: 1 }))).refusal).not.toBeNull();
    await expect
      .poll(async () => (await living.claim(claimOf({ concurrentRequests: 1 }))).reservation, {
        timeout: 2000,
      })
      .not.toBeNull();
    const other = await server({ leaseMs: 300 });
    await new Promise((resolve) => void setTimeout(resolve, 700));
    expect((await other.claim(claimOf({ concurrentRequests: 1 }))).refusal).not.toBeNull();
  });

  test('let a share through while Redis is away, say so, and share again when it is back', async () => {
    const counters = await server();
    await stopRedis();
    const decisions = await Promise.all(
      Array.from({ length: 64 }, () => counters.claim(claimOf({ requestsPerMinute: 30 }))),
    );
    expect(decisions.filter(({ reservation }) => reservation)).toHaveLength(10);
    expect(counters.problem).toContain('Redis is away');
    await startRedis();
    await expect.poll(() => counters.problem, { timeout: 5000 }).toBeNull();
    const after = await counters.claim(claimOf({ requestsPerMinute: 30 }));
    expect(after.requests).toMatchObject({ limit: 30, remaining: 29 });
  });

  test('count what was spent to the last moment while Redis was away, once it is back', async () => {
    const database = await openTestDatabase();
    const directory = temporaryDirectory();
    const journal = await openJournal(directory);
    // It ships when it is asked to alone.
    const delivery = new Delivery({ directory, kysely: database.kysely });
    const shipper = new Shipper({ journal, delivery, log: silentLog });
    const counters = await server({ spentInLedger: spentSoFar(shipper, database.kysely) });
    const start = started({ project_id: 'p' });
    const [day, month] = [start.started_at.slice(0, 10), start.started_at.slice(0, 7)];
    const claim = (nanos: number) => claimOf({ nanosPerDay: 30_000 }, { nanos, day, month });
    await stopRedis();
    const away = await counters.claim(claim(10_000));
    expect(counters.problem).toContain('Redis is away');
    const row = settled(start);
    expect(row.cost).toBe(18_000);
    counters.spend(['project:p'], day, month, row.cost);
    away.reservation?.settle({ tokens: 15, nanos: row.cost });
    await journal.settle(await journal.start(start), row);
    await startRedis();
    await expect.poll(() => counters.problem, { timeout: 5000 }).toBeNull();
    expect((await counters.claim(claim(12_001))).refusal).toMatchObject({ what: 'day', held: false });
    expect((await counters.claim(claim(12_000))).refusal).toBeNull();
    journal.close();
    await database.close();
  });

  test('count also what another server tells the ledger a little later', async () => {
    let spent = 0;
    const counters = await server({ spentInLedger: () => Promise.resolve(spent) });
    const claim = claimOf({ nanosPerMonth: 100 }, { nanos: 6 });
    (await counters.claim(claim)).reservation?.settle({ tokens: 0, nanos: 0 });
    spent = 95;
    await expect
      .poll(async () => (await counters.claim(claim)).refusal, { timeout: 5000, interval: 500 })
      .toMatchObject({ what: 'month', held: false });
  });

  test.each([
    ['fails', () => Promise.reject(new Error('the database is away'))],
    ['does not answer', () => Promise.withResolvers<number>().promise],
  ])('go on where the ledger %s, by the sums that are known', async (_, spentInLedger) => {
    const before = await server({ spentInLedger: () => Promise.resolve(90) });
    const claim = (nanos: number) => claimOf({ nanosPerDay: 100 }, { nanos });
    expect((await before.claim(claim(5))).refusal).toBeNull();
    const counters = await server({ spentInLedger });
    const startMs = performance.now();
    expect((await counters.claim(claim(6))).refusal).toMatchObject({ what: 'day' });
    // Of the month nothing is known: this server gives its share.
    expect((await counters.claim(claimOf({ nanosPerMonth: 100 }, { nanos: 30 }))).refusal).toBeNull();
    expect((await counters.claim(claimOf({ nanosPerMonth: 100 }, { nanos: 30 }))).refusal).not.toBeNull();
    expect(performance.now() - startMs).toBeLessThan(3000);
    expect(counters.problem).toBeNull();
  });

  test('free what is settled while Redis does not answer', async () => {
    const counters = await server({ timeoutMs: 200 });
    const claim = claimOf({ concurrentRequests: 1, tokensPerMinute: 100 }, { tokens: 90 });
    const held = await counters.claim(claim);
    redis.kill('SIGSTOP');
    await counters.claim(claimOf({}));
    expect(counters.problem).toContain('Redis is away');
    held.reservation?.settle({ tokens: 10, nanos: 0 });
    redis.kill('SIGCONT');
    await expect.poll(() => counters.problem, { timeout: 5000 }).toBeNull();
    expect(await counters.claim(claim)).toMatchObject({ refusal: null, tokens: { remaining: 0 } });
  });

  test('give no more than the limit when Redis begins empty while requests run', async () => {
    const counters = await server();
    const claim = (tokens: number) => claimOf({ tokensPerMinute: 100 }, { tokens });
    const before = await counters.claim(claim(90));
    await stopRedis();
    await startRedis();
    await expect
      .poll(async () => (await counters.claim(claimOf({}))).refusal === null && counters.problem, {
        timeout: 5000,
      })
      .toBeNull();
    before.reservation?.settle({ tokens: 0, nanos: 0 });
    expect((await counters.claim(claim(100))).refusal).toBeNull();
    expect((await counters.claim(claim(50))).refusal).toMatchObject({ what: 'tokens' });
  });
});
