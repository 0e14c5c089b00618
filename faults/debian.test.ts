import { afterAll, beforeAll, expect, test } from 'vitest';
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
