/**
 * Fills a ledger and measures the first pages of usage queries, with the database's part and ours.
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
import { bucketRange } from './buckets.ts';
import { sumUsagePage } from './usage-page.ts';
import type { UsageDimension } from './usage.ts';

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
  for (const page of pages()) lines.push(await measure(page));
  console.log(
    formatTable({
      title: `Usage, ${rows} rows of ${keys} keys in ${days} days`,
      columns: ['page asked for', 'buckets', 'results', 'median ms', 'most ms'],
      rows: lines,
    }),
  );
} finally {
  await database.close();
  await rm(directory, { recursive: true });
}

/** 20 projects, each with its part of the keys, and 4 models; sums lie in the order of time, as they do when they grow with it. */
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
    from ledger group by 1, 2, 3, 4, 5 order by 1`.execute(kysely);
  await sql`
    insert into ledger_days
    select (started_at at time zone 'UTC')::date, organization_id, project_id, key_id, model, count(*), sum(prompt_tokens),
      sum(cached_tokens), sum(completion_tokens), sum(reasoning_tokens), sum(cost), sum(machine_cost), sum(engine_seconds)
    from ledger group by 1, 2, 3, 4, 5 order by 1`.execute(kysely);
  await sql`vacuum analyze ledger, ledger_hours, ledger_days`.execute(kysely);
}

interface Page {
  name: string;
  width: '1d' | '1h' | '1m';
  buckets: number;
  groupBy: readonly UsageDimension[];
}

function pages(): Page[] {
  const sizes = [
    ['days', '1d', 7],
    ['days', '1d', days],
    ['hours', '1h', 24],
    ['hours', '1h', 168],
    ['minutes', '1m', 60],
    ['minutes', '1m', 1440],
  ] as const;
  const groups = [
    [],
    ['model'],
    ['project_id'],
    ['api_key_id'],
    ['project_id', 'api_key_id', 'model'],
  ] as const;
  return sizes.flatMap(([unit, width, buckets]) =>
    groups.map((groupBy) => ({
      name: `${buckets} ${unit}${groupBy.length === 0 ? '' : ` by ${groupBy.join(', ')}`}`,
      width,
      buckets,
      groupBy,
    })),
  );
}

/** What the first page has and how long it takes: buckets that were asked for may be on the next. */
async function measure({ name, width, buckets, groupBy }: Page): Promise<string[]> {
  const query = { start_time: start, end_time: start + days * day, limit: buckets };
  const asked = bucketRange(query, width, { [width]: { usual: buckets, most: buckets } });
  const times: number[] = [];
  let counts: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const beganMs = performance.now();
    const { range, sums } = await sumUsagePage(kysely, asked, { organizationId: 'org', groupBy });
    times.push(performance.now() - beganMs);
    counts = [(range.end - range.start) / range.seconds, sums.length];
  }
  times.sort((a, b) => a - b);
  return [name, ...counts.map(String), ...[times[rounds >> 1], times.at(-1)].map((ms = 0) => ms.toFixed(0))];
}
