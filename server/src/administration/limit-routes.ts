import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Tables } from '../db/tables.ts';
import { type Limits, setLimits } from '../limits/limits.ts';
import { type LimitedHere, limitedSubjects } from '../limits/overview.ts';
import { formatDollars, parseDollars } from '../money.ts';
import { getProject, refuseArchived } from '../projects/administration.ts';
import { actorOf, administratorOf, visibleProjects } from './access.ts';
import { pageFields, parseBody, parseQuery, textSchema, textsSchema } from './fields.ts';
import { listPage, refuseUnknownCursor } from './list.ts';

const listQuery = z.strictObject({ ...pageFields, project_ids: textsSchema });

const count = z.int().min(0).max(2_147_483_647).nullable();
const dollars = z
  .string()
  .max(30)
  .transform((text, context) => {
    try {
      return parseDollars(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'expected dollars as text, as in "12" or "0.15"' });
      return z.NEVER;
    }
  })
  .nullable();

/** What changes limits: those that are left out stay, and null takes one away. */
export const limitBody = z.strictObject({
  requests_per_minute: count.optional(),
  tokens_per_minute: count.optional(),
  concurrent_requests: count.optional(),
  usd_per_day: dollars.optional().describe('Dollars in a day (UTC), as a decimal'),
  usd_per_month: dollars.optional().describe('Dollars in a calendar month (UTC), as a decimal'),
  allowed_models: z
    .array(textSchema)
    .max(100)
    .nullable()
    .optional()
    .describe('Names that may be asked for, or answer'),
});

const shownCount = z.int().nullable();
const shownDollars = z.string().nullable().describe('Dollars as a decimal');

/** The limits of an organization, a project or a key, and what it has spent. */
export const limitSchema = z.object({
  object: z.literal('organization.limit'),
  kind: z.enum(['organization', 'project', 'key']),
  id: z.string().describe('That of the organization, project or key'),
  name: z.string(),
  project_id: z.string().nullable(),
  requests_per_minute: shownCount,
  tokens_per_minute: shownCount,
  concurrent_requests: shownCount,
  usd_per_day: shownDollars,
  usd_per_month: shownDollars,
  allowed_models: z.array(z.string()).nullable(),
  spent: z
    .object({ day_usd: z.string(), month_usd: z.string() })
    .describe('In this day and this calendar month (UTC), as the ledger has it'),
});

const list = '/v1/organization/limits';

interface WithSubject {
  Params: { kind: string; subject_id: string };
}

/**
 * /v1/organization/limits: rates, budgets and models of the organization, its projects and their keys. An extension: OpenAI's API
 * has rate limits of projects alone.
 */
export function limitRoutes(app: FastifyInstance, { kysely }: { kysely: Kysely<Tables> }): void {
  app.get(list, async (request) => {
    const { organizationId } = administratorOf(request);
    const { limit = 100, after, project_ids: asked } = parseQuery(listQuery, request.query);
    const projectIds = visibleProjects(request, asked);
    if (after !== undefined) {
      const [known] = await limitedSubjects(kysely, { organizationId, id: after });
      refuseUnknownCursor('after', known);
    }
    const found = await limitedSubjects(kysely, { organizationId, projectIds, after, limit: limit + 1 });
    return listPage(found.map(limitObject), limit);
  });

  app.get<WithSubject>(`${list}/:kind/:subject_id`, async (request) => {
    return limitObject(await find(request));
  });

  app.post<WithSubject>(`${list}/:kind/:subject_id`, async (request) => {
    const { organizationId } = administratorOf(request);
    const { usd_per_day: day, usd_per_month: month, ...body } = parseBody(limitBody, request.body);
    const { kind, id, projectId } = await find(request);
    if (projectId !== null) refuseArchived(await getProject(kysely, { organizationId, id: projectId }));
    const given: { [Name in keyof Limits]?: Limits[Name] | undefined } = {
      requestsPerMinute: body.requests_per_minute,
      tokensPerMinute: body.tokens_per_minute,
      concurrentRequests: body.concurrent_requests,
      nanosPerDay: day,
      nanosPerMonth: month,
      allowedModels: body.allowed_models,
    };
    const changes: Partial<Limits> = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    );
    await setLimits(kysely, kind, id, changes, actorOf(request));
    return limitObject(await find(request));
  });

  async function find(request: FastifyRequest<WithSubject>): Promise<LimitedHere> {
    const { organizationId } = administratorOf(request);
    const { kind, subject_id: id } = request.params;
    const [found] = await limitedSubjects(kysely, {
      organizationId,
      id,
      projectIds: visibleProjects(request),
    });
    if (found?.kind === kind) return found;
    throw new ApiError('not_found', `There is no ${kind} with the id '${id}'.`, { param: 'subject_id' });
  }
}

function limitObject({ kind, id, name, projectId, limits, spent }: LimitedHere) {
  const shown = (nanos: number | null) => (nanos === null ? null : formatDollars(nanos));
  return {
    object: 'organization.limit',
    kind,
    id,
    name,
    project_id: projectId,
    requests_per_minute: limits.requestsPerMinute,
    tokens_per_minute: limits.tokensPerMinute,
    concurrent_requests: limits.concurrentRequests,
    usd_per_day: shown(limits.nanosPerDay),
    usd_per_month: shown(limits.nanosPerMonth),
    allowed_models: limits.allowedModels,
    spent: { day_usd: formatDollars(spent.dayNanos), month_usd: formatDollars(spent.monthNanos) },
  } satisfies z.output<typeof limitSchema>;
}
