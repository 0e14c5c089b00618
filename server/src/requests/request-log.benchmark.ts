/**
 * Fills a ledger and measures the pages of the request log, and what the log's indexes add to inserting rows.
 * `node server/src/requests/request-log.benchmark.ts [rows]` (a million when left out) uses a database of its own in a temporary directory.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { openDatabase } from '../db/open.ts';
import { ensurePartition, insertRows, monthOf } from '../ledger/table.ts';
import type { LedgerRow } from '../ledger/row.ts';
import { recordsOf } from '../ledger/testing.ts';
import { createLog } from '../log.ts';
import { findRequest, listRequests, type RequestFilter } from './request-log.ts';
import { formatTable } from '../../../benchmarks/table.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
/** A year: a partition for each month. */
const startMs = Date.UTC(2025, 10, 1);
const daysMs = 365 * 86_400_000;
const rounds = 9;

const directory = await mkdtemp(join(tmpdir(), 'weai-request-log-'));
const log = createLog({ logLevel: 'warn' });
const database = await openDatabase({ databaseUrl: null, dataDir: directory }, log);
const { kysely } = database;
try {
  await fill();
  console.log(formatTable(await pages()));
  console.log(formatTable(await inserts()));
} finally {
  await database.close();
  await rm(directory, { recursive: true });
}

/** 50 projects, 200 keys, 8 models, of which one is rare and one was used in the first month alone; one of 500 failed, one of 10,000 took minutes. */
async function fill(): Promise<void> {
  for (let month = 0; month < 12; month++)
    await ensurePartition(kysely, monthOf(new Date(Date.UTC(2025, 10 + month)).toISOString()));
  await sql`
    insert into ledger
    select 'request-' || n, at, at + interval '1 second', 'req-' || n, case when n % 5000 = 4999 then 'org-small' else 'org' end,
      'proj-' || floor(50 * power(r, 2)), 'key-' || floor(200 * power(r, 2)), 'asked',
      case when n % 20000 = 0 then 'rare' when at < '2025-11-30' then 'old' else 'model-' || n % 6 end, 'embedded/served', '[]',
      case when n % 500 = 3 then 'failed' when n % 50 = 4 then 'cancelled' else 'completed' end, 'stop', null,
      100, 10, 50, 0, 'engine', 1, 1, 1, 1000, 1, 10, 0.5, 1, 20,
      case when n % 10000 = 5 then 120000 else 200 + (3000 * power(random(), 4))::int end
    from (
      select n, random() as r, to_timestamp(${startMs / 1000} + ${daysMs / 1000} * n::float8 / ${rows}) as at
      from generate_series(0, ${rows}::int - 1) as n
    ) as made`.execute(kysely);
  await sql`vacuum analyze ledger`.execute(kysely);
}

async function pages() {
  const halfway = { time: new Date(startMs + daysMs / 2), id: 'request-1' };
  const oldest = { time: new Date(startMs + daysMs / 1000), id: 'request-1' };
  const cases: [string, Partial<RequestFilter>, { time: Date; id: string }?][] = [
    ['all', {}],
    ['all, in the middle', {}, halfway],
    ['all, near the end', {}, oldest],
    ['a small organization', { organizationId: 'org-small' }],
    ['a project', { projectIds: ['proj-40'] }],
    ['three projects', { projectIds: ['proj-1', 'proj-40', 'proj-49'] }],
    ['a project without requests', { projectIds: ['proj-none'] }],
    ['a request id', { requestIds: ['req-77'] }],
    ['a key', { apiKeyIds: ['key-7'] }],
    ['a model', { models: ['model-1'] }],
    ['a rare model', { models: ['rare'] }],
    ['a model of long ago', { models: ['old'] }],
    ['two models', { models: ['rare', 'old'] }],
    ['many models', { models: Array.from({ length: 30 }, (_, index) => `model-${index + 3}`) }],
    ['failed', { statuses: ['failed'] }],
    ['failed or cancelled', { statuses: ['failed', 'cancelled'] }],
    ['interrupted: none', { statuses: ['interrupted'] }],
    ['completed', { statuses: ['completed'] }],
    ['an hour', { startMs: halfway.time.getTime(), endMs: halfway.time.getTime() + 3_600_000 }],
    ['at least 100 ms: all', { minDurationMs: 100 }],
    ['at least 2.5 s', { minDurationMs: 2500 }],
    ['at least a minute', { minDurationMs: 60_000 }],
    ['at least a minute of a model', { models: ['model-1'], minDurationMs: 60_000 }],
    ['at least a minute of two models', { models: ['model-1', 'old'], minDurationMs: 60_000 }],
    ['at least an hour: none', { minDurationMs: 3_600_000 }],
    ['failed of a project', { projectIds: ['proj-40'], statuses: ['failed'] }],
    ['failed of a rare model', { models: ['rare'], statuses: ['failed'] }],
    ['slow of a project', { projectIds: ['proj-40'], minDurationMs: 60_000 }],
    ['a model of long ago in a project', { projectIds: ['proj-40'], models: ['old'] }],
  ];
  const lines = [];
  for (const [name, filter, after] of cases) {
    let found = 0;
    const { medianMs, mostMs } = await timed(async () => {
      const page = await listRequests(kysely, { organizationId: 'org', ...filter }, { limit: 51, after });
      found = page.length;
    });
    lines.push([name, String(found), medianMs, mostMs]);
  }
  const one = await timed(() => findRequest(kysely, { organizationId: 'org', id: `request-${rows / 2}` }));
  lines.push(['one by its id', '1', one.medianMs, one.mostMs]);
  return {
    title: `Request log, ${rows} rows`,
    columns: ['page', 'rows', 'median ms', 'most ms'],
    rows: lines,
  };
}

/** Batches as the shipper inserts them, with the log's indexes and without. */
async function inserts() {
  const lines = [];
  for (const name of ['with its indexes', 'without']) {
    if (name === 'without')
      await sql`drop index ledger_by_organization, ledger_by_model, ledger_unusual, ledger_by_duration, ledger_by_request_id`.execute(
        kysely,
      );
    const took: number[] = [];
    for (let batch = 0; batch < 30; batch++) {
      const made = recordsOf(
        Array.from({ length: 1000 }, (_, index) => row(`${name}-${batch}-${index}`, index)),
      );
      const startedMs = performance.now();
      await insertRows(kysely, made);
      took.push(performance.now() - startedMs);
    }
    const medianMs = median(took);
    lines.push([name, medianMs.toFixed(1), Math.round(1_000_000 / medianMs).toLocaleString('en')]);
  }
  return { title: 'Inserting a thousand rows', columns: ['ledger', 'median ms', 'rows/s'], rows: lines };
}

async function timed(act: () => Promise<unknown>): Promise<{ medianMs: string; mostMs: string }> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now();
    await act();
    took.push(performance.now() - startedMs);
  }
  return { medianMs: median(took).toFixed(1), mostMs: Math.max(...took).toFixed(1) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function row(id: string, index: number): LedgerRow {
  const at = new Date(startMs + daysMs - 60_000 + index).toISOString();
  return {
    id,
    started_at: at,
    settled_at: at,
    request_id: id,
    organization_id: 'org',
    project_id: `proj-${index % 5}`,
    key_id: `key-${index % 10}`,
    model_requested: 'asked',
    model: `model-${index % 3}`,
    deployment_id: 'embedded/served',
    route: [],
    status: 'completed',
    finish_reason: 'stop',
    error_code: null,
    prompt_tokens: 100,
    cached_tokens: 10,
    completion_tokens: 50,
    reasoning_tokens: 0,
    counts_from: 'engine',
    input_price: 1,
    cached_input_price: 1,
    output_price: 1,
    cost: 1000,
    machine_price: 1,
    machine_cost: 10,
    engine_seconds: 0.5,
    queue_ms: 1,
    time_to_first_token_ms: 20,
    duration_ms: 200 + ((index * 7919) % 3000),
  };
}
