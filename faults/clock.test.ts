import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyLedger } from '../server/src/ledger/verify.ts';
import { type Limits, unlimited } from '../server/src/limits/limits.ts';
import { MemoryCounters } from '../server/src/limits/memory-counters.ts';
import { RedisCounters } from '../server/src/limits/redis-counters.ts';
import { MovableClock } from './platform/clock.ts';
import { doubled, ledgerRows, limitProject, log, withDatabase } from './platform/database.ts';
import { DebianPostgres } from './platform/debian-postgres.ts';
import { RedisServer } from './platform/redis.ts';
import { Installation, readStream } from './platform/server.ts';
import { type PacedUpstream, startUpstream } from './platform/upstream.ts';

const hour = 3600;
/** Half an hour before a month ends: an hour later it is another day, and another partition of the ledger. */
const start = (() => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - (hour * 1000) / 2);
})();

let clock: MovableClock;
let postgres: DebianPostgres;
let redis: RedisServer;
let upstream: PacedUpstream;
let databaseUrl: string;
/** One that counts in its memory, two that count in Redis. */
let alone: Installation;
let sharing: [Installation, Installation];

beforeAll(async () => {
  clock = new MovableClock(start);
  postgres = await DebianPostgres.start(clock.environment);
  redis = await RedisServer.start(clock.environmentOfRedis);
  upstream = await startUpstream();
  databaseUrl = await postgres.createDatabase('moved', 'owner');
  const settings = { ...clock.environment, DATABASE_URL: databaseUrl };
  const shared = { ...settings, REDIS_URL: redis.url };
  alone = new Installation(upstream.url, settings);
  sharing = [new Installation(upstream.url, shared), new Installation(upstream.url, shared)];
  for (const server of servers()) await server.start();
});
afterAll(async () => {
  for (const server of servers()) {
    await server.stop();
    server.remove();
  }
  await upstream.close();
  await redis.stop();
  await postgres.stop();
  clock.remove();
});

function servers(): Installation[] {
  return [alone, ...sharing];
}

/** Moves the time of the servers, the database and Redis to so many seconds before or after what it would be. */
const moveTo = (seconds: number): Promise<void> => clock.move(seconds);

const limit = (limits: Partial<Limits>): Promise<void> => limitProject({ dataDir: '', databaseUrl }, limits);

/** Sends so many requests at once, to each server in turn. */
async function race(
  to: readonly Installation[],
  count: number,
): Promise<{ passed: number; retryAfter: number[] }> {
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const answer = await to[index % to.length]?.post(`race-${Math.random()}`);
      await answer?.text();
      return { status: answer?.status, retryAfter: Number(answer?.headers.get('retry-after')) };
    }),
  );
  return {
    passed: answers.filter(({ status }) => status === 200).length,
    retryAfter: answers.filter(({ status }) => status === 429).map(({ retryAfter }) => retryAfter),
  };
}

test('an hour on, two back and one on again, under load: every answer whole, each in the ledger once', async () => {
  const seen = new Map<string, number>();
  const failed: string[] = [];
  const stopping = new AbortController();
  let number = 0;
  const client = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const requestId = `request-${(number += 1)}`;
      const answer = await servers()[number % 3]?.post(requestId);
      if (answer === undefined) continue;
      const { complete, completionTokens } = await readStream(answer);
      if (complete) seen.set(requestId, completionTokens);
      else failed.push(`${requestId}: ${answer.status}`);
    }
  };
  const load = Array.from({ length: 12 }, client);
  for (const seconds of [hour, -hour, 0]) {
    await sleep(900);
    await moveTo(seconds);
  }
  await sleep(600);
  stopping.abort();
  await Promise.all(load);
  const rows = await withDatabase({ dataDir: '', databaseUrl }, async (database) => {
    await expect.poll(async () => (await ledgerRows(database)).length).toBe(upstream.reached.length);
    const { rows: strange } = await sql<{ id: string }>`
      select id from ledger where duration_ms not between 0 and 30000 or engine_seconds not between 0 and 30`.execute(
      database.kysely,
    );
    expect(strange).toEqual([]);
    const { rows: months } = await sql<{ count: string }>`
      select count(distinct date_trunc('month', started_at, 'UTC')) from ledger`.execute(database.kysely);
    expect(Number(months[0]?.count)).toBe(2);
    for (const { dataDir } of servers()) {
      const options = { dataDir, kysely: database.kysely, serverRuns: true, deployments: [] };
      expect((await verifyLedger(options)).filter(({ ok }) => !ok)).toEqual([]);
    }
    return ledgerRows(database);
  });
  const counts = new Map(rows.map((row) => [row.request_id, row.completion_tokens]));
  const lost = upstream.reached.filter((requestId) => !counts.has(requestId));
  const different = [...seen].filter(([requestId, tokens]) => counts.get(requestId) !== tokens);
  console.log(
    `clock moved by an hour 3 times: ${upstream.reached.length} requests reached the engine, ${seen.size} answered in full, ` +
      `${failed.length} failed, ${lost.length} lost, ${doubled(rows)} doubled, ${different.length} with other counts`,
  );
  expect({ failed, lost, different, doubled: doubled(rows) }).toEqual({
    failed: [],
    lost: [],
    different: [],
    doubled: 0,
  });
});

async function costsByDay(): Promise<number[]> {
  const { rows } = await withDatabase({ dataDir: '', databaseUrl }, ({ kysely }) =>
    sql<{ cost: string }>`select sum(cost) as cost from ledger_days group by day`.execute(kysely),
  );
  return rows.map(({ cost }) => Number(cost));
}

describe.each(['memory', 'Redis'] as const)('with limits in %s', (where) => {
  const counting = (): Installation[] => (where === 'memory' ? [alone] : sharing);

  test('of requests in a minute: none is forgotten, and none counts for longer', async () => {
    upstream.paceMs = 1;
    await limit({ requestsPerMinute: 20 });
    expect((await race(counting(), 12)).passed).toBe(12);
    await moveTo(hour);
    const on = await race(counting(), 64);
    expect(on.passed).toBe(8);
    await moveTo(-hour);
    const back = await race(counting(), 64);
    expect(back.passed).toBe(0);
    expect(Math.max(...back.retryAfter)).toBeLessThanOrEqual(61);
    await moveTo(0);
    console.log(`clock moved, requests per minute in ${where}: overshoot ${on.passed + 12 - 20}`);
  });

  test('of requests at once: those under way keep their places, and give them back', async () => {
    await limit({ concurrentRequests: 7 });
    upstream.paceMs = 500;
    const held = race(counting(), 7);
    await sleep(300);
    const passed: number[] = [];
    for (const seconds of [hour, -hour, 0]) {
      await moveTo(seconds);
      passed.push((await race(counting(), 20)).passed);
    }
    upstream.paceMs = 1;
    expect((await held).passed).toBe(7);
    upstream.paceMs = 20;
    await expect.poll(async () => (await race(counting(), 20)).passed, { timeout: 10_000 }).toBe(7);
    console.log(
      `clock moved, requests at once in ${where}: overshoot ${passed.reduce((sum, each) => sum + each, 0)}`,
    );
    expect(passed).toEqual([0, 0, 0]);
  });

  test('of money in a day: no day is overspent, and a day that comes again is as spent as it was', async () => {
    // Its memory doesn't know yet what the others have spent: a start reads it from the ledger.
    await alone.stop();
    await alone.start();
    // Room for 30 holds more than the dearest day has.
    const nanosPerDay = Math.max(...(await costsByDay())) + 30 * 107_000;
    await limit({ nanosPerDay });
    upstream.paceMs = 5;
    const passed: number[] = [];
    for (const seconds of [hour, 0, hour, 0]) {
      await moveTo(seconds);
      passed.push((await race(counting(), 100)).passed);
    }
    await sleep(500);
    console.log(`clock moved, money per day in ${where}: ${passed.join(', ')} passed`);
    expect(Math.max(...(await costsByDay()))).toBeLessThanOrEqual(nanosPerDay);
  });
});

test('what a dead server held in Redis is free again, also when the clock was set back by an hour', async () => {
  const options = {
    url: redis.url,
    log,
    fallback: new MemoryCounters(),
    spentInLedger: () => Promise.resolve(0),
    leaseMs: 400,
    timeoutMs: 5000,
    prefix: 'dead:',
  };
  const subjects = [{ kind: 'project' as const, id: 'p', limits: { ...unlimited, concurrentRequests: 1 } }];
  const claim = { subjects, tokens: 0, nanos: 0, day: '2026-11-23', month: '2026-11' };
  const dead = new RedisCounters(options);
  await dead.start();
  expect((await dead.claim(claim)).reservation).not.toBeNull();
  dead.stop();
  await moveTo(-hour);
  const living = new RedisCounters(options);
  await living.start();
  expect((await living.claim(claim)).reservation).toBeNull();
  await expect.poll(async () => (await living.claim(claim)).reservation, { timeout: 3000 }).not.toBeNull();
  living.stop();
  await moveTo(0);
});

test.each([hour, -hour])(
  'an Idempotency-Key under way is run once when the clock moves by %i s',
  async (seconds) => {
    await limit({});
    upstream.paceMs = 50;
    const before = upstream.reached.length;
    const key = { headers: { 'idempotency-key': `moved-${seconds}` } };
    const first = sharing[0].post('first', key);
    await sleep(200);
    await moveTo(seconds);
    const second = sharing[1].post('second', key);
    await sleep(300);
    const texts = await Promise.all([first, second].map(async (answer) => (await answer).text()));
    await moveTo(0);
    console.log(
      `clock moved, Idempotency-Key: ${upstream.reached.length - before} execution of 2 equal requests`,
    );
    expect(new Set(texts).size).toBe(1);
    expect(upstream.reached.length - before).toBe(1);
  },
);
