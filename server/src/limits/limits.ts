import { ApiError } from '@weai/protocol/errors';
import type { Kysely } from 'kysely';
import { type Actor, commandLineActor, recordAct } from '../audit/audit.ts';
import { announceChange } from '../db/changes.ts';
import type { Tables } from '../db/tables.ts';

/** Whom a limit holds for. */
export type SubjectKind = 'key' | 'project' | 'organization';

/** What a subject may use; null where nothing is limited. */
export interface Limits {
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  concurrentRequests: number | null;
  /** Nano-dollars in a day (UTC). */
  nanosPerDay: number | null;
  /** Nano-dollars in a calendar month (UTC). */
  nanosPerMonth: number | null;
  /** Names that may be asked for, or answer. */
  allowedModels: string[] | null;
}

/** A key, project or organization and its limits. */
export interface LimitedSubject {
  kind: SubjectKind;
  id: string;
  limits: Limits;
}

/** Limits that limit nothing. */
export const unlimited: Limits = {
  requestsPerMinute: null,
  tokensPerMinute: null,
  concurrentRequests: null,
  nanosPerDay: null,
  nanosPerMonth: null,
  allowedModels: null,
};

/** What the audit log calls limits: OpenAI's names where it has one. */
const loggedNames = [
  ['requestsPerMinute', 'max_requests_per_1_minute'],
  ['tokensPerMinute', 'max_tokens_per_1_minute'],
  ['concurrentRequests', 'concurrent_requests'],
  ['nanosPerDay', 'nanos_per_day'],
  ['nanosPerMonth', 'nanos_per_month'],
  ['allowedModels', 'allowed_models'],
] as const satisfies [keyof Limits, string][];

/** Changes the given limits of a subject and leaves its others; null takes one away. Throws ApiError not_found. */
export async function setLimits(
  kysely: Kysely<Tables>,
  kind: SubjectKind,
  id: string,
  changes: Partial<Limits>,
  actor: Actor = commandLineActor(),
): Promise<LimitedSubject> {
  return kysely.transaction().execute(async (transaction) => {
    const scope = await scopeOf(transaction, kind, id);
    await transaction
      .insertInto('limits')
      .values({ subject_kind: kind, subject_id: id, ...columnsOf(unlimited) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const known = await transaction
      .selectFrom('limits')
      .selectAll()
      .where('subject_kind', '=', kind)
      .where('subject_id', '=', id)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const limits = { ...limitsOf(known), ...changes };
    await transaction
      .updateTable('limits')
      .set(columnsOf(limits))
      .where('subject_kind', '=', kind)
      .where('subject_id', '=', id)
      .execute();
    const changed = loggedNames.filter(([name]) => Object.hasOwn(changes, name));
    const logged = (values: Limits) =>
      Object.fromEntries(changed.map(([name, loggedName]) => [loggedName, values[name]]));
    const act = { type: 'rate_limit.updated', actor, ...scope, resourceId: id } as const;
    await recordAct(transaction, { ...act, before: logged(limitsOf(known)), after: logged(limits) });
    await announceChange(transaction, 'limits');
    return { kind, id, limits };
  });
}

/** Whose log tells of a change to a subject's limits. */
async function scopeOf(
  kysely: Kysely<Tables>,
  kind: SubjectKind,
  id: string,
): Promise<{ organizationId: string; projectId: string | null }> {
  if (kind === 'organization') return { organizationId: id, projectId: null };
  const project = await kysely
    .selectFrom('projects')
    .select(['projects.id', 'organization_id'])
    .where('projects.id', '=', (project) =>
      kind === 'project'
        ? project.val(id)
        : project.selectFrom('api_keys').select('project_id').where('api_keys.id', '=', id),
    )
    .executeTakeFirst();
  if (project === undefined) throw new ApiError('not_found', `There is no ${kind} ${id}.`);
  return { organizationId: project.organization_id, projectId: project.id };
}

/** Every subject that has limits. */
export async function listLimits(kysely: Kysely<Tables>): Promise<LimitedSubject[]> {
  const rows = await kysely
    .selectFrom('limits')
    .selectAll()
    .orderBy('subject_kind')
    .orderBy('subject_id')
    .execute();
  return rows.map((row) => ({ kind: row.subject_kind, id: row.subject_id, limits: limitsOf(row) }));
}

/** A row of the table of limits. */
export interface LimitColumns {
  requests_per_minute: number | null;
  tokens_per_minute: number | null;
  concurrent_requests: number | null;
  nanos_per_day: number | string | null;
  nanos_per_month: number | string | null;
  allowed_models: string[] | null;
}

/** The limits of a row. */
export function limitsOf(row: LimitColumns): Limits {
  return {
    requestsPerMinute: row.requests_per_minute,
    tokensPerMinute: row.tokens_per_minute,
    concurrentRequests: row.concurrent_requests,
    nanosPerDay: row.nanos_per_day === null ? null : Number(row.nanos_per_day),
    nanosPerMonth: row.nanos_per_month === null ? null : Number(row.nanos_per_month),
    allowedModels: row.allowed_models,
  };
}

function columnsOf(limits: Limits): LimitColumns {
  return {
    requests_per_minute: limits.requestsPerMinute,
    tokens_per_minute: limits.tokensPerMinute,
    concurrent_requests: limits.concurrentRequests,
    nanos_per_day: limits.nanosPerDay,
    nanos_per_month: limits.nanosPerMonth,
    allowed_models: limits.allowedModels,
  };
}
