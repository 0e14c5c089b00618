import type { FastifyInstance } from 'fastify';
import type { Kysely, Selectable } from 'kysely';
import { z } from 'zod';
import type { AuditLogsTable, Tables } from '../db/tables.ts';
import { administratorOf } from './access.ts';
import {
  booleanSchema,
  invalidField,
  pageFields,
  parseQuery,
  textSchema,
  textsSchema,
  timeSchema,
} from './fields.ts';
import { beyond, listPage, refuseUnknownCursor, unixSeconds } from './list.ts';

const bound = timeSchema.optional();
const listQuery = z.strictObject({
  ...pageFields,
  before: textSchema.optional(),
  effective_at: z.strictObject({ gt: bound, gte: bound, lt: bound, lte: bound }).optional(),
  project_ids: textsSchema,
  event_types: textsSchema,
  actor_ids: textsSchema,
  actor_emails: textsSchema,
  resource_ids: textsSchema,
  tenant_only: booleanSchema.optional(),
});
type ListQuery = z.output<typeof listQuery>;

/** /v1/organization/audit_logs, the latest act first. */
export function auditLogRoutes(app: FastifyInstance, { kysely }: { kysely: Kysely<Tables> }): void {
  app.get('/v1/organization/audit_logs', async (request) => {
    const query = parseQuery(listQuery, request.query);
    const { limit = 20, after, before } = query;
    if (after !== undefined && before !== undefined)
      throw invalidField('before', 'expected either after or before, not both');
    checkRange(query);
    const all = kysely
      .selectFrom('audit_logs')
      .where('audit_logs.organization_id', '=', administratorOf(request).organizationId);
    const cursor = after ?? before;
    if (cursor !== undefined) {
      const row = await all.select('audit_logs.id').where('audit_logs.id', '=', cursor).executeTakeFirst();
      refuseUnknownCursor(after === undefined ? 'before' : 'after', row);
    }
    // The page before a cursor is read backwards from it, then turned round.
    const order = before === undefined ? 'desc' : 'asc';
    const found = await withFilters(all, query)
      .leftJoin('projects', 'projects.id', 'audit_logs.project_id')
      .leftJoin('users', 'users.id', 'audit_logs.actor_id')
      .selectAll('audit_logs')
      .select(['projects.name as project_name', 'users.email as actor_email'])
      .$if(cursor !== undefined, (query) =>
        query.where(beyond('audit_logs', cursor ?? '', order === 'desc' ? '<' : '>')),
      )
      .orderBy('audit_logs.effective_at', order)
      .orderBy('audit_logs.id', order)
      .limit(limit + 1)
      .execute();
    const page = listPage(found.map(auditLogObject), limit);
    if (before === undefined) return page;
    return { ...page, data: page.data.toReversed(), first_id: page.last_id, last_id: page.first_id };
  });
}

function withFilters<Query extends AuditQuery>(all: Query, query: ListQuery) {
  const { gt, gte, lt, lte } = query.effective_at ?? {};
  // Whole seconds are shown, so that whole seconds are compared: an act at 12.9 s is not after second 12.
  return (
    all
      .$if(gt !== undefined, (q) => q.where('audit_logs.effective_at', '>=', fromSeconds((gt ?? 0) + 1)))
      .$if(gte !== undefined, (q) => q.where('audit_logs.effective_at', '>=', fromSeconds(gte ?? 0)))
      .$if(lt !== undefined, (q) => q.where('audit_logs.effective_at', '<', fromSeconds(lt ?? 0)))
      .$if(lte !== undefined, (q) => q.where('audit_logs.effective_at', '<', fromSeconds((lte ?? 0) + 1)))
      .$if(query.project_ids !== undefined, (q) =>
        q.where('audit_logs.project_id', 'in', query.project_ids ?? []),
      )
      .$if(query.event_types !== undefined, (q) => q.where('audit_logs.type', 'in', query.event_types ?? []))
      .$if(query.actor_ids !== undefined, (q) => q.where('audit_logs.actor_id', 'in', query.actor_ids ?? []))
      .$if(query.resource_ids !== undefined, (q) =>
        q.where('audit_logs.resource_id', 'in', query.resource_ids ?? []),
      )
      .$if(query.actor_emails !== undefined, (q) =>
        q.where('audit_logs.actor_id', 'in', (from) =>
          from
            .selectFrom('users')
            .select('users.id')
            .where(
              'users.email',
              'in',
              (query.actor_emails ?? []).map((email) => email.toLowerCase()),
            ),
        ),
      )
      // No organization has a tenant above it.
      .$if(query.tenant_only === true, (q) => q.where('audit_logs.id', 'is', null))
  );
}

function checkRange({ effective_at: range }: ListQuery): void {
  const least = Math.max(range?.gte ?? 0, (range?.gt ?? -1) + 1);
  const most = Math.min(range?.lte ?? Infinity, (range?.lt ?? Infinity) - 1);
  if (range !== undefined && least > most)
    throw invalidField('effective_at', 'expected a range whose start is before its end');
}

function fromSeconds(seconds: number): Date {
  return new Date(seconds * 1000);
}

type AuditQuery = ReturnType<typeof auditQuery>;
function auditQuery(kysely: Kysely<Tables>) {
  return kysely.selectFrom('audit_logs');
}

function auditLogObject(
  row: Selectable<AuditLogsTable> & { project_name: string | null; actor_email: string | null },
) {
  const { type, before, after } = row;
  const detail = /\.(created|added|sent)$/.test(type) ? { data: after } : { changes_requested: after };
  return {
    id: row.id,
    type,
    effective_at: unixSeconds(row.effective_at),
    ...(row.project_id === null ? {} : { project: { id: row.project_id, name: row.project_name ?? '' } }),
    actor:
      row.actor_kind === 'api_key'
        ? {
            type: 'api_key',
            api_key: {
              id: row.actor_id,
              type: 'service_account',
              service_account: { id: row.actor_id },
            },
          }
        : { type: 'session', session: { user: { id: row.actor_id, email: row.actor_email ?? '' } } },
    [type]: { id: row.resource_id, ...(after === null ? {} : detail) },
    /** Extension: what changed. */
    weai: { before, after },
  };
}
