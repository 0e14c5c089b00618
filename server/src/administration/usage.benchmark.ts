/**
 * Fills a ledger and measures usage queries: how long they take in all, and how much of that PostgreSQL.
 * `node server/src/administration/usage.benchmark.ts [rows] [keys]` (a million and a thousand when left out) uses a database of
 * its own in a temporary directory.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { formatTable } from '../../../benchmarks/table.ts';
import { openDatabase } from '../db/open.ts';
import { ensurePartition } from '../ledger/table.ts';
import { createLog } from '../log.ts';
import { sumUsage, type UsageQuery } from './usage.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const keys = Number(process.argv[3] ?? 1000);
const start = Date.UTC(2025, 9, 1) / 1000;
const day = 86_400;
const days = 31;
const rounds = 7;

const directory = await mkdtemp(join(tmpdir(), 'weai-usage-'));
const database = await openDatabase(
  { databaseUrl: null, dataDir: directory },
  createLog({ logLevel: 'warn' }),
);
const { kysely } = database;
try {
  await fill();
  const lines = [];
  for (const [name, query] of queries()) lines.push([name, ...(await measure(query))]);
  console.log(
    formatTable({
      title: `Usage, ${rows} rows of ${keys} keys in ${days} days`,
      columns: ['page', 'results', 'median ms', 'most ms'],
      rows: lines,
    }),
  );
} finally {
  await database.close();
  await rm(directory, { recursive: true });
}

/** 20 projects, each with its part of the keys, and 4 models. */
async function fill(): Promise<void> {
  await ensurePartition(kysely, '2025-10');
  await sql`
    insert into ledger
    select 'row-' || n, at, at + interval '1 second', 'req-' || n, 'org', 'proj-' || key % 20, 'key-' || key, 'asked',
      'model-' || n % 4, 'embedded/served', '[]', 'completed', 'stop', null, 100, 10, 50, 0, 'engine', 1, 1, 1, 1000, 1, 10, 0.5,
      1, 20, 300
    from (
      select n, floor(${keys}::int * random())::int as key,
        to_timestamp(${start} + ${days * day}::float8 * n / ${rows}) as at
      from generate_series(0, ${rows}::int - 1) as n
    ) as made`.execute(kysely);
  await sql`
    insert into ledger_hours
    select date_trunc('hour', started_at, 'UTC'), organization_id, project_id, key_id, model, count(*), sum(prompt_tokens),
      sum(cached_tokens), sum(completion_tokens)
    from ledger group by 1, 2, 3, 4, 5`.execute(kysely);
  await sql`
    insert into ledger_days
    select (started_at at time zone 'UTC')::date, organization_id, project_id, key_id, model, count(*), sum(prompt_tokens),
      sum(cached_tokens), sum(completion_tokens), sum(reasoning_tokens), sum(cost), sum(machine_cost), sum(engine_seconds)
    from ledger group by 1, 2, 3, 4, 5`.execute(kysely);
  await sql`vacuum analyze ledger, ledger_hours, ledger_days`.execute(kysely);
}

function queries(): [string, UsageQuery][] {
  const pages = [
    ['7 days', '1d', 7 * day],
    ['31 days', '1d', days * day],
    ['24 hours', '1h', day],
    ['168 hours', '1h', 7 * day],
    ['60 minutes', '1m', 3600],
    ['1440 minutes', '1m', day],
  ] as const;
  const groups = [
    [],
    ['model'],
    ['project_id'],
    ['api_key_id'],
    ['project_id', 'api_key_id', 'model'],
  ] as const;
  return pages.flatMap(([name, width, seconds]) =>
    groups.map((groupBy): [string, UsageQuery] => [
      `${name}${groupBy.length === 0 ? '' : ` by ${groupBy.join(', ')}`}`,
      { organizationId: 'org', width, start, end: start + seconds, groupBy },
    ]),
  );
}

async function measure(query: UsageQuery): Promise<string[]> {
  const times: number[] = [];
  let results = 0;
  for (let round = 0; round < rounds; round += 1) {
    const beganMs = performance.now();
    results = (await sumUsage(kysely, query)).length;
    times.push(performance.now() - beganMs);
  }
  times.sort((a, b) => a - b);
  return [String(results), ...[times[rounds >> 1], times.at(-1)].map((ms = 0) => ms.toFixed(0))];
}
