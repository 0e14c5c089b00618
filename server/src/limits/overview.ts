import { type Kysely, sql } from 'kysely';
import type { Tables } from '../db/tables.ts';
import { type LimitColumns, type LimitedSubject, limitsOf } from './limits.ts';

/** Somebody who can be limited, with what the ledger says they have spent. */
export interface LimitedHere extends LimitedSubject {
  name: string;
  /** Null for an organization. */
  projectId: string | null;
  /** Nano-dollars in this day and this calendar month (UTC). */
  spent: { dayNanos: bigint; monthNanos: bigint };
}

/** Whose limits; all that is given must be so. */
export interface LimitedFilter {
  organizationId: string;
  /** Any key then, also one without limits. */
  id?: string | undefined;
  /** Of these projects and their keys; the organization itself is left out. */
  projectIds?: readonly string[] | undefined;
  /** Those whose id comes after this one. */
  after?: string | undefined;
  limit?: number | undefined;
}

interface Row extends LimitColumns {
  kind: LimitedHere['kind'];
  id: string;
  name: string;
  project_id: string | null;
  day_nanos: string;
  month_nanos: string;
}

/** An organization, its projects, and those of its keys that have limits, by id. */
export async function limitedSubjects(kysely: Kysely<Tables>, filter: LimitedFilter): Promise<LimitedHere[]> {
  const { organizationId, id, projectIds, after, limit = 1 } = filter;
  const conditions = [
    ...(id === undefined ? [sql`(kind <> 'key' or limits.subject_id is not null)`] : [sql`id = ${id}`]),
    ...(after === undefined ? [] : [sql`id collate "C" > ${after}`]),
    ...(projectIds === undefined ? [] : [sql`project_id = any(${[...projectIds]}::text[])`]),
  ];
  // The month is summed once for all, and not once for each.
  const { rows } = await sql<Row>`
    with subjects as (
      select 'organization' as kind, id, name, null as project_id from organizations where id = ${organizationId}
      union all
      select 'project', id, name, id from projects where organization_id = ${organizationId} and archived_at is null
      union all
      select 'key', api_keys.id, api_keys.name, project_id from api_keys join projects on projects.id = project_id
      where organization_id = ${organizationId} and archived_at is null and revoked_at is null
    ), spent as (
      select case when grouping(key_id) = 0 then key_id when grouping(project_id) = 0 then project_id
          else ${organizationId} end as id,
        sum(cost) as month_nanos,
        coalesce(sum(cost) filter (where day = (now() at time zone 'UTC')::date), 0) as day_nanos
      from ledger_days
      where organization_id = ${organizationId} and day >= date_trunc('month', now() at time zone 'UTC')::date
      group by grouping sets ((), (project_id), (key_id))
    )
    select kind, subjects.id, name, project_id, limits.*, coalesce(day_nanos, 0) as day_nanos,
      coalesce(month_nanos, 0) as month_nanos
    from subjects left join limits on subject_kind = kind and subject_id = subjects.id left join spent using (id)
    where ${sql.join(conditions, sql` and `)}
    order by id collate "C" limit ${limit}`.execute(kysely);
  return rows.map((row) => ({
    kind: row.kind,
    id: row.id,
    name: row.name,
    projectId: row.project_id,
    limits: limitsOf(row),
    spent: { dayNanos: BigInt(row.day_nanos), monthNanos: BigInt(row.month_nanos) },
  }));
}
