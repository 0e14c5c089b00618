import { type Kysely, type RawBuilder, sql } from 'kysely';
import { creatorName } from '../db/creator-name.ts';
import type { Tables } from '../db/tables.ts';
import {
  type UsageDimension,
  type UsageFigures,
  type UsageFilter,
  usageRows,
  usageSteps,
} from './usage-rows.ts';

/** What groups can be ordered by. */
export const usageOrders = ['amount_usd', 'machine_usd', 'tokens', 'num_model_requests'] as const;
export type UsageOrder = (typeof usageOrders)[number];

const ordering: Record<UsageOrder, RawBuilder<unknown>> = {
  amount_usd: sql`sum(cost)`,
  machine_usd: sql`sum(machine_cost)`,
  tokens: sql`sum(prompt_tokens) + sum(completion_tokens)`,
  num_model_requests: sql`sum(requests)`,
};

/** Where a page of groups ended: with this group, of which there was so much (in nano-dollars where it is money). */
export interface GroupCursor {
  value: string;
  group: string;
}

/** Which usage to sum. Times are Unix seconds at the edges of days. */
export interface SummaryQuery extends UsageFilter {
  start: number;
  end: number;
  groupBy: UsageDimension | null;
  orderBy: UsageOrder;
  /** How many groups a page has. */
  limit: number;
  after: GroupCursor | null;
  /** So many of the largest groups are told by day as well. */
  daysOf: number;
}

export interface DayFigures extends UsageFigures {
  /** When it begins, in Unix seconds. */
  day: number;
}

export interface GroupFigures extends UsageFigures {
  /** Null for who did something without being a user: a key. */
  group: string | null;
  /** Of a key, a user or a project, as long as it is there. */
  name: string | null;
  /** Of a key that works no more. */
  revokedAt: Date | null;
  /** Of the largest groups, their days with requests; none of the others. */
  days: DayFigures[];
}

export interface UsageSummary {
  total: UsageFigures;
  /** The days that had requests. */
  days: DayFigures[];
  /** The largest first. */
  groups: GroupFigures[];
  groupCount: number;
  /** Where the next page begins. */
  next: GroupCursor | null;
}

const summed = ['requests', 'prompt_tokens', 'cached_tokens', 'completion_tokens', 'cost', 'machine_cost'];

interface SummaryRow extends Record<string, string | Date | null> {
  kind: 'total' | 'day' | 'group' | 'part';
  day: string | null;
  value: string | null;
  group: string | null;
  name: string | null;
  revoked_at: Date | null;
}

/**
 * Sums the ledger of an organization over days: in all, by group, by day, and the largest groups by day. The sums of each day's
 * groups are read once, and all the others are made of them.
 */
export async function summarizeUsage(kysely: Kysely<Tables>, query: SummaryQuery): Promise<UsageSummary> {
  const { groupBy, after } = query;
  const { table, time, columns, conditions } = usageRows('1d', query, groupBy === null ? [] : [groupBy]);
  const dimension = groupBy === null ? sql`''` : columns[groupBy];
  // What can't be null is taken as it is: to look at each row's takes time.
  const group = groupBy === 'user_id' ? sql`coalesce(${dimension}, '')` : dimension;
  const figures = sql.join(summed.map((name) => sql.ref(name)));
  const sums = sql.join(summed.map((name) => sql`sum(${sql.ref(name)}) as ${sql.ref(name)}`));
  const noGroup = sql`null::numeric as value, null as "group", null as name, null::timestamptz as revoked_at`;
  const name = { project_id: sql`(select name from projects where projects.id = "group")`, model: sql`null` };
  const named = groupBy === 'project_id' || groupBy === 'model' ? name[groupBy] : creatorName('group');
  const revokedAt =
    groupBy === 'api_key_id'
      ? sql`(select revoked_at from api_keys where api_keys.id = "group")`
      : sql`null::timestamptz`;
  const isAfter =
    after === null
      ? sql`true`
      : sql`(value < ${after.value}::numeric or value = ${after.value}::numeric and "group" collate "C" > ${after.group})`;
  const statement = sql<SummaryRow>`
    with sums as materialized (
      select step as day, of_day.* from ${usageSteps('1d', query.start, query.end)} as step
      cross join lateral (
        select ${group} as "group", ${sql.join(summed.map((column) => sql`sum(${sql.ref(column)})::bigint as ${sql.ref(column)}`))}
        from ${sql.table(table)}
        where ${sql.join([...conditions, sql`${time} = step`], sql` and `)}
        group by 1
      ) as of_day
    ), ranked as materialized (
      select "group", ${sums}, ${ordering[query.orderBy]} as value,
        row_number() over (order by ${ordering[query.orderBy]} desc, "group" collate "C") as rank
      from sums group by "group"
    )
    select 'total' as kind, null::bigint as day, count(*)::numeric as value, null as "group", null as name,
      null::timestamptz as revoked_at, ${sums} from ranked
    union all
    select 'day', extract(epoch from day::timestamp at time zone 'UTC')::bigint, ${noGroup}, ${sums} from sums group by day
    union all (
      select 'group', null, value, "group", ${named}, ${revokedAt}, ${figures}
      from ranked where ${isAfter} order by rank limit ${query.limit + 1}
    ) union all
    select 'part', extract(epoch from day::timestamp at time zone 'UTC')::bigint, null, sums."group", null, null,
      ${sql.join(summed.map((column) => sql.ref(`sums.${column}`)))}
    from sums join ranked on ranked."group" = sums."group" and ranked.rank <= ${query.daysOf}`;
  const { rows } = await kysely.transaction().execute(async (transaction) => {
    // It would take longer than the query.
    await sql`set local jit = off`.execute(transaction);
    return statement.execute(transaction);
  });
  return summaryOf(rows, query.limit);
}

function summaryOf(rows: readonly SummaryRow[], limit: number): UsageSummary {
  const { total: [total] = [], day = [], part = [], group = [] } = Object.groupBy(rows, ({ kind }) => kind);
  if (total === undefined) throw new Error('a sum of nothing is a row, too');
  const parts = Map.groupBy(part, (row) => row.group);
  const page = group.slice(0, limit);
  const last = page.at(-1);
  return {
    total: figuresOf(total),
    days: daysFrom(day),
    groups: page.map((row) => ({
      group: row.group === '' ? null : row.group,
      name: row.name,
      revokedAt: row.revoked_at,
      ...figuresOf(row),
      days: daysFrom(parts.get(row.group) ?? []),
    })),
    groupCount: Number(total.value),
    next:
      last === undefined || group.length <= limit
        ? null
        : { value: last.value ?? '0', group: last.group ?? '' },
  };
}

function daysFrom(rows: readonly SummaryRow[]): DayFigures[] {
  return rows
    .map((row) => ({ day: Number(row.day), ...figuresOf(row) }))
    .toSorted((one, other) => one.day - other.day);
}

/** Sums of nothing are null. */
function figuresOf(row: SummaryRow): UsageFigures {
  return {
    requests: Number(row['requests'] ?? 0),
    promptTokens: Number(row['prompt_tokens'] ?? 0),
    cachedTokens: Number(row['cached_tokens'] ?? 0),
    completionTokens: Number(row['completion_tokens'] ?? 0),
    cost: bigintOf(row['cost']),
    machineCost: bigintOf(row['machine_cost']),
  };
}

function bigintOf(value: string | Date | null | undefined): bigint {
  return typeof value === 'string' ? BigInt(value) : 0n;
}
