import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../server/src/db/embedded.ts';
import { doubled, ledgerRows, log, withDatabase } from './platform/database.ts';
import { Installation, readStream } from './platform/server.ts';
import { type PacedUpstream, startUpstream } from './platform/upstream.ts';

type Postgres = Awaited<ReturnType<typeof startEmbeddedPostgres>>;

const databaseDir = mkdtempSync(path.join(tmpdir(), 'weai-faults-db-'));
let postgres: Postgres;
let databaseUrl: string;
let upstream: PacedUpstream;
let installation: Installation;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(databaseDir, log, true);
  const { host = '', user = '', database = '' } = postgres.connectionOptions;
  databaseUrl = `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`;
  upstream = await startUpstream();
  upstream.paceMs = 0;
  installation = new Installation(upstream.url, {
    DATABASE_URL: databaseUrl,
    WEAI_JOURNAL_MAX_BYTES: String(1024 * 1024),
  });
  await installation.start();
});

afterAll(async () => {
  await installation.stop();
  await upstream.close();
  await postgres.stop();
  installation.remove();
  rmSync(databaseDir, { recursive: true, force: true });
});

test('a database that stops costs nothing: requests go on until the journal is full, then 503, then all is well', async () => {
  let number = 0;
  const ask = async (): Promise<string> => {
    const answer = await installation.post(`request-${(number += 1)}`);
    if (answer.status !== 200) return `${answer.status} ${await answer.text()}`;
    return (await readStream(answer)).complete ? 'complete' : 'cut';
  };
  expect(await ask()).toBe('complete');
  await postgres.stop();
  expect(await ask()).toBe('complete');
  await expect
    .poll(() => installation.readyz(), { timeout: 10_000 })
    .toMatchObject({
      status: 'degraded',
      database: 'down',
      problems: [expect.stringContaining('the database does not take')],
    });

  let answered = 2;
  let refusal = '';
  while (refusal === '' && answered < 5000) {
    const results = await Promise.all(Array.from({ length: 16 }, ask));
    answered += results.filter((result) => result === 'complete').length;
    refusal = results.find((result) => result !== 'complete') ?? '';
  }
  // Sixteen at once are refused while there is still room for one: fill that too.
  for (let last = 'complete'; last === 'complete' && answered < 5000;) {
    last = await ask();
    if (last === 'complete') answered += 1;
    else refusal = last;
  }
  expect(refusal).toMatch(/^503 .*"code":"ledger_unavailable"/);
  expect((await installation.readyz()).problems.join()).toContain('journal is full');

  postgres = await startEmbeddedPostgres(databaseDir, log, true);
  await expect.poll(ask, { timeout: 20_000, interval: 250 }).toBe('complete');
  answered += 1;
  await expect.poll(async () => (await installation.readyz()).status, { timeout: 20_000 }).toBe('ready');
  await sleep(500);
  const rows = await withDatabase({ dataDir: '', databaseUrl }, ledgerRows);
  console.log(
    `database stopped: ${answered} requests answered, ${answered - rows.length} lost, ${doubled(rows)} doubled`,
  );
  expect({ rows: rows.length, doubled: doubled(rows) }).toEqual({ rows: answered, doubled: 0 });
});
