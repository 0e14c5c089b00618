import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { BucketWidth } from './buckets.ts';
import {
  isoOf,
  type UsageDimension,
  usageDimensions,
  type UsageFigures,
  type UsageFilter,
  usageRows,
  usageSteps,
} from './usage-rows.ts';

/** Which usage, and how it is told apart. Times are Unix seconds at the edges of buckets. */
export interface UsageQuery extends UsageFilter {
  width: BucketWidth;
  start: number;
  end: number;
  groupBy: readonly UsageDimension[];
  /** Whether costs are asked for; they are summed by day alone. */
  costs?: boolean | undefined;
}

/** The sums of a bucket's group; dimensions that aren't grouped by are null. Costs are nano-dollars, and 0 except by day where they are asked for. */
export interface UsageSum extends UsageFigures {
  bucket: number;
  project_id: string | null;
  user_id: string | null;
  api_key_id: string | null;
  model: string | null;
}

/** Columns that were not asked for are missing. */
interface SumRow extends Partial<Record<UsageDimension, string | null>> {
  bucket_start: string;
  requests: string;
  prompt_tokens: string;
  cached_tokens: string;
  completion_tokens: string;
  cost?: string;
  machine_cost?: string;
}

/**
 * Sums the ledger of an organization by bucket and group, ordered by both. Buckets without a request are left out.
 * @param most how many sums there may be; when there are as many, the last bucket may lack some.
 */
export async function sumUsage(
  kysely: Kysely<Tables>,
  query: UsageQuery,
  most: number | null = null,
): Promise<UsageSum[]> {
  const { width, start, end } = query;
  const { table, time, columns, conditions } = usageRows(width, query, query.groupBy);
  const groups = usageDimensions.filter((dimension) => query.groupBy.includes(dimension));
  const counts = ['prompt_tokens', 'cached_tokens', 'completion_tokens'];
  const summed = query.costs === true && width === '1d' ? [...counts, 'cost', 'machine_cost'] : counts;
  const sums = [
    sql`${table === 'ledger' ? sql`count(*)` : sql`sum(requests)`} as requests`,
    ...summed.map((column) => sql`sum(${sql.ref(column)}) as ${sql.ref(column)}`),
  ];
  const isInStep =
    width === '1m'
      ? sql`${time} >= step and ${time} < least(step + interval '1 hour', ${isoOf(end)}::timestamptz)`
      : sql`${time} = step`;
  const bucket = width === '1m' ? sql`date_bin('1 minute', ${time}, 'epoch')` : time;
  const moment = width === '1d' ? sql`(bucket::timestamp at time zone 'UTC')` : sql`bucket`;
  const selected = groups.map((dimension) => sql`${columns[dimension]} as ${sql.ref(dimension)}`);
  const names = ['requests', ...summed, ...groups].map((name) => sql.ref(name));
  const order = groups.map((dimension) => sql`${sql.ref(dimension)} collate "C"`);
  const positions = [1, ...groups.map((_, index) => index + 2)].map((position) => sql.lit(position));
  // Step by step, which is the order of time: what is past the limit is not even read.
  const statement = sql<SumRow>`
    select extract(epoch from ${moment})::bigint as bucket_start, ${sql.join(names)}
    from ${usageSteps(width, start, end)} as step
    cross join lateral (
      select * from (
        select ${sql.join([sql`${bucket} as bucket`, ...selected, ...sums])}
        from ${sql.table(table)}
        where ${sql.join([...conditions, isInStep], sql` and `)}
        group by ${sql.join(positions)}
      ) as groups
      order by ${sql.join([sql`bucket`, ...order])}
    ) as sums
    limit ${most}`;
  const { rows } = await kysely.transaction().execute(async (transaction) => {
    // Where PostgreSQL can compile queries it would for hours and minutes, which takes longer than they do.
    await sql`set local jit = off`.execute(transaction);
    return statement.execute(transaction);
  });
  return rows.map((row) => ({
    bucket: Number(row.bucket_start),
    project_id: row.project_id ?? null,
    user_id: row.user_id ?? null,
    api_key_id: row.api_key_id ?? null,
    model: row.model ?? null,
    requests: Number(row.requests),
    promptTokens: Number(row.prompt_tokens),
    cachedTokens: Number(row.cached_tokens),
    completionTokens: Number(row.completion_tokens),
    cost: BigInt(row.cost ?? 0),
    machineCost: BigInt(row.machine_cost ?? 0),
  }));
}
