import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { Tables } from '../db/tables.ts';
import { isUser, sessionUser } from '../ledger/sums.ts';
import type { BucketWidth } from './buckets.ts';

const dimensions = ['project_id', 'user_id', 'api_key_id', 'model'] as const;

/** What usage can be told apart by. */
export type UsageDimension = (typeof dimensions)[number];

/** Which usage, and how it is told apart. Times are Unix seconds at the edges of buckets. */
export interface UsageQuery {
  organizationId: string;
  width: BucketWidth;
  start: number;
  end: number;
  groupBy: readonly UsageDimension[];
  /** Whether costs are asked for; they are summed by day alone. */
  costs?: boolean | undefined;
  projectIds?: readonly string[] | undefined;
  /** People by their sessions: a key is of a project, and of no user. */
  userIds?: readonly string[] | undefined;
  apiKeyIds?: readonly string[] | undefined;
  models?: readonly string[] | undefined;
}

/** The sums of a bucket's group; dimensions that aren't grouped by are null. Costs are nano-dollars, and 0 except by day where they are asked for. */
export interface UsageSum {
  bucket: number;
  project_id: string | null;
  user_id: string | null;
  api_key_id: string | null;
  model: string | null;
  requests: number;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  cost: bigint;
  machineCost: bigint;
}

/** What each width is read from: the ledger has sums by day and by hour, with keys and without, and minutes are few. */
const sources = {
  '1d': { time: 'day', withKeys: 'ledger_days', withoutKeys: 'project_days' },
  '1h': { time: 'hour', withKeys: 'ledger_hours', withoutKeys: 'project_hours' },
  '1m': { time: 'started_at', withKeys: 'ledger', withoutKeys: 'ledger' },
} as const;

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

/** Of so many values on, a comparison with each row's is made by hash. */
const manyValues = 20;

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
  const source = sources[width];
  const isOfKeys = query.groupBy.includes('api_key_id') || query.apiKeyIds !== undefined;
  const table = isOfKeys ? source.withKeys : source.withoutKeys;
  const hasUsers = table === 'project_days' || table === 'project_hours';
  const columns = {
    project_id: sql.ref('project_id'),
    user_id: hasUsers ? sql`nullif(user_id, '')` : sessionUser,
    api_key_id: sql.ref('key_id'),
    model: sql.ref('model'),
  };
  const time = sql.ref(source.time);
  const groups = dimensions.filter((dimension) => query.groupBy.includes(dimension));
  const counts = ['prompt_tokens', 'cached_tokens', 'completion_tokens'];
  const summed = query.costs === true && width === '1d' ? [...counts, 'cost', 'machine_cost'] : counts;
  const sums = [
    sql`${table === 'ledger' ? sql`count(*)` : sql`sum(requests)`} as requests`,
    ...summed.map((column) => sql`sum(${sql.ref(column)}) as ${sql.ref(column)}`),
  ];
  // Many keys are compared by hash, which an index can't: in it they are looked for one after the other.
  const keyId = (query.apiKeyIds?.length ?? 0) > manyValues ? sql`key_id collate "C"` : columns.api_key_id;
  const conditions = [
    sql`organization_id = ${query.organizationId}`,
    width === '1m'
      ? sql`${time} >= step and ${time} < least(step + interval '1 hour', ${isoOf(end)}::timestamptz)`
      : sql`${time} = step`,
    ...oneOf(columns.project_id, query.projectIds),
    // The column as it is, which indexes know.
    ...oneOf(sql.ref(hasUsers ? 'user_id' : 'key_id'), query.userIds?.filter(isUser)),
    ...oneOf(keyId, query.apiKeyIds),
    ...oneOf(columns.model, query.models),
  ];
  const bucket = width === '1m' ? sql`date_bin('1 minute', ${time}, 'epoch')` : time;
  const moment = width === '1d' ? sql`(bucket::timestamp at time zone 'UTC')` : sql`bucket`;
  const selected = groups.map((dimension) => sql`${columns[dimension]} as ${sql.ref(dimension)}`);
  const names = ['requests', ...summed, ...groups].map((name) => sql.ref(name));
  const order = groups.map((dimension) => sql`${sql.ref(dimension)} collate "C"`);
  const positions = [1, ...groups.map((_, index) => index + 2)].map((position) => sql.lit(position));
  const stepSeconds = width === '1d' ? 86_400 : 3600;
  const steps = Array.from({ length: Math.ceil((end - start) / stepSeconds) }, (_, index) =>
    isoOf(start + index * stepSeconds),
  );
  // Step by step, which is the order of time: what is past the limit is not even read, and each step is found by the index.
  const statement = sql<SumRow>`
    select extract(epoch from ${moment})::bigint as bucket_start, ${sql.join(names)}
    from unnest(${steps}::${sql.raw(width === '1d' ? 'date[]' : 'timestamptz[]')}) as step
    cross join lateral (
      select * from (
        select ${sql.join([sql`${bucket} as bucket`, ...selected, ...sums])}
        from ${sql.table(table)}
        where ${sql.join(conditions, sql` and `)}
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

function oneOf(column: RawBuilder<unknown>, values: readonly string[] | undefined): RawBuilder<unknown>[] {
  return values === undefined ? [] : [sql`${column} = any(${[...values]}::text[])`];
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
