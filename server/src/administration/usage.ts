import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { BucketWidth } from './buckets.ts';

/** What usage can be told apart by. */
export type UsageDimension = 'project_id' | 'user_id' | 'api_key_id' | 'model';

/** Which usage, and how it is told apart. Times are Unix seconds at the edges of buckets. */
export interface UsageQuery {
  organizationId: string;
  width: BucketWidth;
  start: number;
  end: number;
  groupBy: readonly UsageDimension[];
  projectIds?: readonly string[] | undefined;
  /** People by their sessions: a key is of a project, and of no user. */
  userIds?: readonly string[] | undefined;
  apiKeyIds?: readonly string[] | undefined;
  models?: readonly string[] | undefined;
}

/** The sums of a bucket's group; dimensions that aren't grouped by are null. Costs are nano-dollars, and 0 except by day. */
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

/** What each width is read from: the ledger has sums by day and by hour, and minutes are few. */
const sources = {
  '1d': { table: 'ledger_days', time: 'day', sums: true, costs: true },
  '1h': { table: 'ledger_hours', time: 'hour', sums: true, costs: false },
  '1m': { table: 'ledger', time: 'started_at', sums: false, costs: false },
} as const;

/** What a session uses is metered under its user's id (members/session-gate.ts) where a key has its own. */
const userId = sql`case when key_id like 'user-%' then key_id end`;
const columns = {
  project_id: sql.ref('project_id'),
  user_id: userId,
  api_key_id: sql.ref('key_id'),
  model: sql.ref('model'),
};

interface SumRow {
  bucket_start: string;
  project_id: string | null;
  user_id: string | null;
  api_key_id: string | null;
  model: string | null;
  requests: string;
  prompt_tokens: string;
  cached_tokens: string;
  completion_tokens: string;
  cost: string;
  machine_cost: string;
}

/** Sums the ledger of an organization by bucket and group, ordered by both. Buckets without a request are left out. */
export async function sumUsage(kysely: Kysely<Tables>, query: UsageQuery): Promise<UsageSum[]> {
  const source = sources[query.width];
  const time = sql.ref(source.time);
  const bucket = query.width === '1m' ? sql`date_bin('1 minute', ${time}, 'epoch')` : time;
  const moment = source.time === 'day' ? sql`(bucket::timestamp at time zone 'UTC')` : sql`bucket`;
  const edge = (seconds: number) => {
    const iso = new Date(seconds * 1000).toISOString();
    return source.time === 'day' ? sql`${iso.slice(0, 10)}::date` : sql`${iso}::timestamptz`;
  };
  const dimensions = (['project_id', 'user_id', 'api_key_id', 'model'] as const).map((dimension) =>
    query.groupBy.includes(dimension)
      ? sql`${columns[dimension]} as ${sql.ref(dimension)}`
      : sql`null::text as ${sql.ref(dimension)}`,
  );
  const money = (column: string) => (source.costs ? sql`sum(${sql.ref(column)})` : sql`0`);
  const conditions = [
    sql`organization_id = ${query.organizationId}`,
    sql`${time} >= ${edge(query.start)}`,
    sql`${time} < ${edge(query.end)}`,
    ...oneOf(columns.project_id, query.projectIds),
    ...oneOf(columns.user_id, query.userIds),
    ...oneOf(columns.api_key_id, query.apiKeyIds),
    ...oneOf(columns.model, query.models),
  ];
  // Seconds are computed and the order is made for groups, not for rows: either would take longer than the sums.
  const { rows } = await sql<SumRow>`
    select extract(epoch from ${moment})::bigint as bucket_start, project_id, user_id, api_key_id, model, requests,
      prompt_tokens, cached_tokens, completion_tokens, cost, machine_cost
    from (
      select ${bucket} as bucket, ${sql.join(dimensions)},
        ${source.sums ? sql`sum(requests)` : sql`count(*)`} as requests, sum(prompt_tokens) as prompt_tokens,
        sum(cached_tokens) as cached_tokens, sum(completion_tokens) as completion_tokens,
        ${money('cost')} as cost, ${money('machine_cost')} as machine_cost
      from ${sql.table(source.table)}
      where ${sql.join(conditions, sql` and `)}
      group by 1, 2, 3, 4, 5
    ) as sums
    order by bucket, project_id collate "C", user_id collate "C", api_key_id collate "C", model collate "C"`.execute(
    kysely,
  );
  return rows.map((row) => ({
    bucket: Number(row.bucket_start),
    project_id: row.project_id,
    user_id: row.user_id,
    api_key_id: row.api_key_id,
    model: row.model,
    requests: Number(row.requests),
    promptTokens: Number(row.prompt_tokens),
    cachedTokens: Number(row.cached_tokens),
    completionTokens: Number(row.completion_tokens),
    cost: BigInt(row.cost),
    machineCost: BigInt(row.machine_cost),
  }));
}

function oneOf(column: RawBuilder<unknown>, values: readonly string[] | undefined): RawBuilder<unknown>[] {
  return values === undefined ? [] : [sql`${column} = any(${[...values]}::text[])`];
}
