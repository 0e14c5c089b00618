import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differingSums } from '../server/src/ledger/sums.ts';
import { verifyLedger } from '../server/src/ledger/verify.ts';
import { doubled, ledgerRows, limitProject, withDatabase } from './platform/database.ts';
import { DebianPostgres } from './platform/debian-postgres.ts';
import { RedisServer } from './platform/redis.ts';
import { Installation, readStream } from './platform/server.ts';
import { type PacedUpstream, startUpstream } from './platform/upstream.ts';

let postgres: DebianPostgres;
let redis: RedisServer;
let upstream: PacedUpstream;
let databaseUrl: string;
let servers: Installation[];

beforeAll(async () => {
  postgres = await DebianPostgres.start();
  redis = await RedisServer.start();
  upstream = await startUpstream();
  databaseUrl = await postgres.createDatabase('shared', 'tables');
  const settings = { DATABASE_URL: databaseUrl, REDIS_URL: redis.url };
  servers = Array.from({ length: 3 }, () => new Installation(upstream.url, settings));
  // All at once on an empty database: one of them makes the tables, the others wait.
  await Promise.all(servers.map((server) => server.start()));
});
afterAll(async () => {
  for (const server of servers) {
    await server.stop();
    server.remove();
  }
  await upstream.close();
  await redis.stop();
  await postgres.stop();
});

test("three servers on Debian's PostgreSQL, as a role that may only make tables: limits hold, keys run once, and with a server killed all is in the ledger once", async () => {
  upstream.paceMs = 20;
  const post = (name: string, headers: Record<string, string> = {}) =>
    Promise.all(
      Array.from({ length: 64 }, async (_, index) => {
        const answer = await servers[index % 3]?.post(`${name}-${index}`, { headers });
        return { status: answer?.status, text: (await answer?.text()) ?? '' };
      }),
    );
  await limitProject({ dataDir: '', databaseUrl }, { requestsPerMinute: 25 });
  const raced = (await post('race')).filter(({ status }) => status === 200).length;
  await limitProject({ dataDir: '', databaseUrl }, {});
  const before = upstream.reached.length;
  const equal = new Set((await post('equal', { 'idempotency-key': 'equal' })).map(({ text }) => text));
  const executions = upstream.reached.length - before;

  const seen = new Map<string, number>();
  const load = Array.from({ length: 96 }, async (_, index) => {
    const answer = await servers[index % 3]?.post(`killed-${index}`).catch(() => null);
    const read = answer && (await readStream(answer).catch(() => null));
    if (read?.complete === true) seen.set(`killed-${index}`, read.completionTokens);
  });
  await expect.poll(() => upstream.reached.length - before, { timeout: 10_000 }).toBeGreaterThan(60);
  await servers[0]?.kill();
  await Promise.all(load);
  await servers[0]?.start();

  await withDatabase({ dataDir: '', databaseUrl }, async (database) => {
    const reached = new Set(upstream.reached).size;
    await expect.poll(async () => (await ledgerRows(database)).length).toBe(reached);
    const rows = await ledgerRows(database);
    const counts = new Map(rows.map((row) => [row.request_id, row.completion_tokens]));
    const different = [...seen].filter(([requestId, tokens]) => counts.get(requestId) !== tokens);
    console.log(
      `${await postgres.version()}: ${reached} requests reached the engine, ${reached - rows.length} lost, ` +
        `${doubled(rows)} doubled, ${different.length} with other counts; ${raced} of 25 raced, overshoot ${Math.max(0, raced - 25)}; ` +
        `${executions} execution of 64 equal requests`,
    );
    expect({ raced, executions, answers: equal.size, different, doubled: doubled(rows) }).toEqual({
      raced: 25,
      executions: 1,
      answers: 1,
      different: [],
      doubled: 0,
    });
    for (const { dataDir } of servers) {
      const options = { dataDir, kysely: database.kysely, serverRuns: true, deployments: [] };
      expect((await verifyLedger(options)).filter(({ ok }) => !ok)).toEqual([]);
    }
  });
});

test('PostgreSQL killed with -9 while three servers ship into it: requests go on, and rows and their sums are whole once it is back', async () => {
  upstream.paceMs = 1;
  const kills = 3;
  const done = new AbortController();
  let asked = 0;
  let failed = 0;
  const clients = Array.from({ length: 12 }, async (_, client) => {
    while (!done.signal.aborted) {
      const answer = await servers[client % 3]?.post(`shipped-${(asked += 1)}`);
      if (!answer || !(await readStream(answer)).complete) failed += 1;
    }
  });
  for (let kill = 0; kill < kills; kill += 1) {
    // Not a multiple of the shipper's interval: each kill comes at another point of it.
    await sleep(690 + 70 * kill);
    await postgres.kill();
    await sleep(400);
    await postgres.restart();
  }
  await sleep(500);
  done.abort();
  await Promise.all(clients);

  await withDatabase({ dataDir: '', databaseUrl }, async (database) => {
    const reached = new Set(upstream.reached).size;
    await expect.poll(async () => (await ledgerRows(database)).length, { timeout: 20_000 }).toBe(reached);
    const rows = await ledgerRows(database);
    const differing = await differingSums(database.kysely);
    const sums = await Promise.all(
      [...differing.keys()].map(async (name) => {
        const { kysely } = database;
        const total = await kysely
          .selectFrom(name)
          .select(({ fn }) => fn.sum('requests').as('requests'))
          .executeTakeFirstOrThrow();
        return Number(total.requests);
      }),
    );
    console.log(
      `PostgreSQL killed × ${kills} under ${asked} requests: ${failed} failed, ${doubled(rows)} doubled, ` +
        `${[...differing.values()].reduce((a, b) => a + b, 0)} sums that differ from their rows`,
    );
    expect({ failed, doubled: doubled(rows), sums, differing: [...differing.values()] }).toEqual({
      failed: 0,
      doubled: 0,
      sums: [reached, reached, reached, reached],
      differing: [0, 0, 0, 0],
    });
    for (const { dataDir } of servers) {
      const options = { dataDir, kysely: database.kysely, serverRuns: true, deployments: [] };
      expect((await verifyLedger(options)).filter(({ ok }) => !ok)).toEqual([]);
    }
  });
});
