import { type RawBuilder, sql } from 'kysely';
import { isUser, sessionUser } from '../ledger/sums.ts';
import type { BucketWidth } from './buckets.ts';

export const usageDimensions = ['project_id', 'user_id', 'api_key_id', 'model'] as const;

/** What usage can be told apart by. */
export type UsageDimension = (typeof usageDimensions)[number];

/** What was used, summed. Costs are nano-dollars. */
export interface UsageFigures {
  requests: number;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  cost: bigint;
  machineCost: bigint;
}

/** Whose usage; of each list that is given, one of its values. */
export interface UsageFilter {
  organizationId: string;
  projectIds?: readonly string[] | undefined;
  /** People by their sessions: a key is of a project, and of no user. */
  userIds?: readonly string[] | undefined;
  apiKeyIds?: readonly string[] | undefined;
  models?: readonly string[] | undefined;
}

/** What each width is read from: the ledger has sums by day and by hour, with keys and without, and minutes are few. */
const sources = {
  '1d': { time: 'day', withKeys: 'ledger_days', withoutKeys: 'project_days' },
  '1h': { time: 'hour', withKeys: 'ledger_hours', withoutKeys: 'project_hours' },
  '1m': { time: 'started_at', withKeys: 'ledger', withoutKeys: 'ledger' },
} as const;

/** Of so many values on, a comparison with each row's is made by hash. */
const manyValues = 20;

/** Which table has what is asked for and is the smallest, its columns, and the conditions of the filter. */
export function usageRows(width: BucketWidth, filter: UsageFilter, groupBy: readonly UsageDimension[]) {
  const source = sources[width];
  const isOfKeys = groupBy.includes('api_key_id') || filter.apiKeyIds !== undefined;
  const table = isOfKeys ? source.withKeys : source.withoutKeys;
  const hasUsers = table === 'project_days' || table === 'project_hours';
  const columns = {
    project_id: sql.ref('project_id'),
    user_id: hasUsers ? sql`nullif(user_id, '')` : sessionUser,
    api_key_id: sql.ref('key_id'),
    model: sql.ref('model'),
  };
  // Many keys are compared by hash, which an index can't: in it they are looked for one after the other.
  const keyId = (filter.apiKeyIds?.length ?? 0) > manyValues ? sql`key_id collate "C"` : columns.api_key_id;
  const conditions = [
    sql`organization_id = ${filter.organizationId}`,
    ...oneOf(columns.project_id, filter.projectIds),
    // The column as it is, which indexes know.
    ...oneOf(sql.ref(hasUsers ? 'user_id' : 'key_id'), filter.userIds?.filter(isUser)),
    ...oneOf(keyId, filter.apiKeyIds),
    ...oneOf(columns.model, filter.models),
  ];
  return { table, time: sql.ref(source.time), columns, conditions };
}

/** The first moments of days or hours, which a statement goes through step by step: each is found by the index. */
export function usageSteps(width: BucketWidth, start: number, end: number): RawBuilder<unknown> {
  const seconds = width === '1d' ? 86_400 : 3600;
  const steps = Array.from({ length: Math.ceil((end - start) / seconds) }, (_, index) =>
    isoOf(start + index * seconds),
  );
  return sql`unnest(${steps}::${sql.raw(width === '1d' ? 'date[]' : 'timestamptz[]')})`;
}

export function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function oneOf(column: RawBuilder<unknown>, values: readonly string[] | undefined): RawBuilder<unknown>[] {
  return values === undefined ? [] : [sql`${column} = any(${[...values]}::text[])`];
}
