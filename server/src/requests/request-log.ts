import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import { creatorName } from '../db/creator-name.ts';
import type { LedgerTable, Tables } from '../db/tables.ts';
import type { PageCursor } from '../http/page-cursor.ts';

export type LoggedRequest = Selectable<LedgerTable> & { key_name: string | null };
export const requestStatuses = ['completed', 'length', 'cancelled', 'interrupted', 'failed'] as const;

/** Which requests; all that is given must be so. Times are Unix milliseconds. */
export interface RequestFilter {
  organizationId: string;
  projectIds?: readonly string[] | undefined;
  apiKeyIds?: readonly string[] | undefined;
  models?: readonly string[] | undefined;
  statuses?: readonly LoggedRequest['status'][] | undefined;
  /** The x-request-ids of their answers. */
  requestIds?: readonly string[] | undefined;
  startMs?: number | undefined;
  /** Before this. */
  endMs?: number | undefined;
  minDurationMs?: number | undefined;
}

type Condition = RawBuilder<unknown>;

/** More branches take longer to plan than they save. */
const mostBranches = 12;

/**
 * The requests of an organization that a filter lets through, the latest first, up to `limit`. A filter with alternatives (two
 * models, several classes of duration) becomes a branch for each: one value keeps the order of an index, several don't, and then
 * the database would read all that they have.
 */
export async function listRequests(
  kysely: Kysely<Tables>,
  filter: RequestFilter,
  { limit, after }: { limit: number; after?: PageCursor | undefined },
): Promise<LoggedRequest[]> {
  const all = [sql`organization_id = ${filter.organizationId}`, ...timeConditions(filter, after)];
  let branches: Condition[][] = [[]];
  for (const alternatives of [
    equalsOneOf('request_id', filter.requestIds),
    equalsOneOf('key_id', filter.apiKeyIds),
    equalsOneOf('model', filter.models),
    equalsOneOf('project_id', filter.projectIds),
    equalsOneOf('status', filter.statuses),
    durationClasses(filter.minDurationMs),
  ]) {
    const expanded =
      branches.length * alternatives.length > mostBranches
        ? [sql`(${sql.join(alternatives, sql` or `)})`]
        : alternatives;
    branches = branches.flatMap((branch) => expanded.map((condition) => [...branch, condition]));
  }
  // A list that allows nothing, as of someone in no project.
  if (branches.length === 0) return [];
  const selects = branches.map(
    (branch) => sql`(
      select * from ledger where ${sql.join([...all, ...branch], sql` and `)}
      order by started_at desc, id desc limit ${limit})`,
  );
  const { rows } = await sql<LoggedRequest>`
    select found.*, ${creatorName('key_id')} as key_name from (${sql.join(selects, sql` union all `)}) as found
    order by started_at desc, id desc limit ${limit}`.execute(kysely);
  return rows;
}

function timeConditions({ startMs, endMs }: RequestFilter, after: PageCursor | undefined): Condition[] {
  const conditions: Condition[] = [];
  if (startMs !== undefined) conditions.push(sql`started_at >= ${new Date(startMs)}`);
  if (endMs !== undefined) conditions.push(sql`started_at < ${new Date(endMs)}`);
  if (after !== undefined) {
    conditions.push(sql`(started_at, id) < (${after.time}::timestamptz, ${after.id})`);
    // Says nothing new, but spares the partitions of later months.
    conditions.push(sql`started_at <= ${after.time}`);
  }
  return conditions;
}

function equalsOneOf(column: keyof LedgerTable, values: readonly string[] | undefined): Condition[] {
  if (values === undefined) return [sql`true`];
  return [...new Set(values)].map((value) => sql`${sql.ref(column)} = ${value}`);
}

/** Classes of durations, each e times as long as the one before; the last is open. The index has all but the shortest. */
const shortestClass = 7;
const longestClass = 14;

function durationClasses(leastMs: number | undefined): Condition[] {
  if (leastMs === undefined) return [sql`true`];
  const first = Math.min(Math.max(Math.ceil(Math.log(leastMs + 1)), shortestClass), longestClass);
  return Array.from(
    { length: longestClass - first + 1 },
    (_, index) => sql`
      least(greatest(ceil(ln(duration_ms + 1))::int, 7), 14) = ${sql.lit(first + index)} and duration_ms >= ${leastMs}`,
  );
}

/** One request of an organization; undefined where it has none of that id. */
export async function findRequest(
  kysely: Kysely<Tables>,
  { organizationId, id }: { organizationId: string; id: string },
): Promise<LoggedRequest | undefined> {
  return kysely
    .selectFrom('ledger')
    .selectAll()
    .select(creatorName('key_id').as('key_name'))
    .where('id', '=', id)
    .where('organization_id', '=', organizationId)
    .executeTakeFirst();
}
