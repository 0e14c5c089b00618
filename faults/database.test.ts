import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../server/src/db/embedded.ts';
import { doubled, ledgerRows, log, withDatabase } from './platform/database.ts';
import { Installation, readStream } from './platform/server.ts';
import { type PacedUpstream, startUpstream } from './platform/upstream.ts';

type Postgres = Awaited<ReturnType<typeof startEmbeddedPostgres>>;

const stoppedMs = 30_000;
const databaseDir = mkdtempSync(path.join(tmpdir(), 'weai-faults-db-'));
let postgres: Postgres;
let databaseUrl: string;
let upstream: PacedUpstream;
let roomy: Installation;
/** Its journal is full long before the database is back. */
let narrow: Installation;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(databaseDir, log, true);
  const { host = '', user = '', database = '' } = postgres.connectionOptions;
  databaseUrl = `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`;
  upstream = await startUpstream();
  roomy = new Installation(upstream.url, { DATABASE_URL: databaseUrl });
  narrow = new Installation(upstream.url, {
    DATABASE_URL: databaseUrl,
    WEAI_JOURNAL_MAX_BYTES: String(1024 * 1024),
  });
  await roomy.start();
  await narrow.start();
});

afterAll(async () => {
  await Promise.all([roomy.stop(), narrow.stop()]);
  await upstream.close();
  await postgres.stop();
  roomy.remove();
  narrow.remove();
  rmSync(databaseDir, { recursive: true, force: true });
});

let number = 0;

/** `complete` when an answer came whole; else what came. */
async function ask(installation: Installation): Promise<string> {
  const answer = await installation.post(`request-${(number += 1)}`);
  if (answer.status !== 200) return `${answer.status} ${await answer.text()}`;
  return (await readStream(answer)).complete ? 'complete' : 'cut';
}

/** Four clients, one request after the other, until the signal; returns how many were answered, and what else came. */
async function load(
  installation: Installation,
  until: AbortSignal,
): Promise<{ answered: number; failures: string[] }> {
  let answered = 0;
  const failures: string[] = [];
  const client = async (): Promise<void> => {
    while (!until.aborted) {
      const result = await ask(installation);
      if (result === 'complete') answered += 1;
      else failures.push(result);
    }
  };
  await Promise.all(Array.from({ length: 4 }, client));
  return { answered, failures };
}

/** Asks until the journal is full; returns how many were answered, and the refusal. */
async function fill(installation: Installation): Promise<{ answered: number; refusal: string }> {
  let answered = 0;
  let refusal = '';
  while (refusal === '' && answered < 5000) {
    const results = await Promise.all(Array.from({ length: 16 }, () => ask(installation)));
    answered += results.filter((result) => result === 'complete').length;
    refusal = results.find((result) => result !== 'complete') ?? '';
  }
  // Sixteen at once are refused while there is still room for one: fill that too.
  for (let last = 'complete'; last === 'complete' && answered < 5000;) {
    last = await ask(installation);
    if (last === 'complete') answered += 1;
    else refusal = last;
  }
  return { answered, refusal };
}

test('a database that stops for 30 s costs nothing: requests go on, with 503 only where the journal is full, and all is well after', async () => {
  for (const installation of [roomy, narrow]) expect(await ask(installation)).toBe('complete');
  let answered = 2;
  await postgres.stop();
  const back = AbortSignal.timeout(stoppedMs);
  const going = load(roomy, back);

  const filled = await fill(narrow);
  answered += filled.answered;
  expect(filled.refusal).toMatch(/^503 .*"code":"ledger_unavailable"/);
  expect(await narrow.readyz()).toMatchObject({
    status: 'not_ready',
    problems: expect.arrayContaining([expect.stringContaining('journal is full')]),
  });
  await expect
    .poll(() => roomy.readyz(), { timeout: 10_000 })
    .toMatchObject({
      status: 'degraded',
      database: 'down',
      problems: [expect.stringContaining('the database does not take')],
    });

  // The load goes on for all of the time that the database is away.
  expect(back.aborted).toBe(false);
  const went = await going;
  expect(went.failures).toEqual([]);
  expect(went.answered).toBeGreaterThan(100);
  answered += went.answered;
  expect(await ask(narrow)).toMatch(/^503 /);

  postgres = await startEmbeddedPostgres(databaseDir, log, true);
  for (const installation of [roomy, narrow]) {
    await expect.poll(() => ask(installation), { timeout: 20_000, interval: 250 }).toBe('complete');
    answered += 1;
    await expect.poll(async () => (await installation.readyz()).status, { timeout: 20_000 }).toBe('ready');
  }
  const rowsNow = () => withDatabase({ dataDir: '', databaseUrl }, ledgerRows);
  await expect.poll(async () => (await rowsNow()).length, { timeout: 10_000 }).toBe(answered);
  const rows = await rowsNow();
  console.log(
    `database stopped for ${stoppedMs / 1000} s: ${answered} requests answered, ${answered - rows.length} lost, ${doubled(rows)} doubled`,
  );
  expect(doubled(rows)).toBe(0);
});
