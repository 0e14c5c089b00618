import type { FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Tables } from '../db/tables.ts';
import { sumMachineTime } from '../ledger/machine-time.ts';
import { formatDollars } from '../money.ts';
import { ownsMachines } from '../projects/projects.ts';
import { administratorOf, visibleProjects } from './access.ts';
import { invalidField, parseQuery, textSchema, textsSchema, timeSchema, wholeNumber } from './fields.ts';
import { usageDimensions, type UsageFigures } from './usage-rows.ts';
import {
  type GroupCursor,
  type GroupFigures,
  summarizeUsage,
  type UsageOrder,
  usageOrders,
} from './usage-summary.ts';

const daySeconds = 86_400;
/** How many days are summed at most: a leap year. */
const mostDays = 366;

const summaryQuery = z.strictObject({
  start_time: timeSchema,
  end_time: timeSchema.optional(),
  project_ids: textsSchema,
  user_ids: textsSchema,
  api_key_ids: textsSchema,
  models: textsSchema,
  group_by: z.enum(usageDimensions).optional(),
  order_by: z.enum(usageOrders).default('amount_usd'),
  days_of: wholeNumber(0, 20).optional(),
  limit: wholeNumber(1, 1000).default(50),
  page: z.string().max(1000).optional(),
});

/** GET /v1/organization/usage/summary, an extension. */
export function usageSummaryRoutes(app: FastifyInstance, { kysely }: { kysely: Kysely<Tables> }): void {
  app.get('/v1/organization/usage/summary', async (request) => {
    const { organizationId } = administratorOf(request);
    const query = parseQuery(summaryQuery, request.query);
    const { group_by: groupBy = null, order_by: orderBy, days_of: daysOf, limit } = query;
    const range = wholeDays(query.start_time, query.end_time);
    const after = query.page === undefined ? null : readCursor(query.page, orderBy);
    const filter = {
      projectIds: visibleProjects(request, query.project_ids),
      userIds: query.user_ids,
      apiKeyIds: query.api_key_ids,
      models: query.models,
    };
    // Idle time is nobody's: only who looks at all of the organization that owns the machines sees it.
    const isWhole = Object.values(filter).every((list) => list === undefined);
    const [summary, machines] = await Promise.all([
      summarizeUsage(kysely, {
        organizationId,
        ...range,
        ...filter,
        groupBy,
        orderBy,
        limit,
        after,
        daysOf: daysOf ?? 0,
      }),
      isWhole && (await ownsMachines(kysely, organizationId)) ? sumMachineTime(kysely, range) : [],
    ]);
    const idle = [...Map.groupBy(machines, ({ deploymentId }) => deploymentId)]
      .map(([deploymentId, days]) => ({ deploymentId, nanos: sumOf(days.map(({ idleCost }) => idleCost)) }))
      .filter(({ nanos }) => nanos > 0n);
    const groups = groupBy === null ? [] : summary.groups;
    return {
      object: 'organization.usage.summary',
      start_time: range.start,
      end_time: range.end,
      total: {
        ...figuresOf(summary.total),
        idle_usd: formatDollars(sumOf(idle.map(({ nanos }) => nanos))),
      },
      idle: idle.map(({ deploymentId, nanos }) => ({
        deployment_id: deploymentId,
        idle_usd: formatDollars(nanos),
      })),
      days: daysOf === undefined ? null : summary.days.map(dayOf),
      data: groups.map((group) => ({
        object: 'organization.usage.summary.group',
        ...Object.fromEntries(usageDimensions.map((name) => [name, name === groupBy ? group.group : null])),
        name: group.name,
        revoked_at: group.revokedAt === null ? null : Math.floor(group.revokedAt.getTime() / 1000),
        ...figuresOf(group),
        days: daysOf === undefined ? null : group.days.map(dayOf),
      })),
      total_count: groupBy === null ? 0 : summary.groupCount,
      has_more: groupBy !== null && summary.next !== null,
      next_page: groupBy === null || summary.next === null ? null : writeCursor(summary.next, orderBy),
    };
  });
}

/** The days (UTC) that a range touches. Throws ApiError for a reversed or too long one. */
function wholeDays(start: number, asked: number | undefined): { start: number; end: number } {
  const end = asked ?? Math.max(Math.floor(Date.now() / 1000), start) + 1;
  if (end <= start) throw invalidField('end_time', 'expected a time after start_time');
  const range = {
    start: Math.floor(start / daySeconds) * daySeconds,
    end: Math.ceil(end / daySeconds) * daySeconds,
  };
  if (range.end - range.start > mostDays * daySeconds)
    throw invalidField(
      asked === undefined ? 'start_time' : 'end_time',
      `expected a range of at most ${mostDays} days`,
    );
  return range;
}

function figuresOf(figures: UsageFigures) {
  return {
    num_model_requests: figures.requests,
    input_tokens: figures.promptTokens,
    input_cached_tokens: figures.cachedTokens,
    output_tokens: figures.completionTokens,
    amount_usd: formatDollars(figures.cost),
    machine_usd: formatDollars(figures.machineCost),
  };
}

function dayOf(figures: GroupFigures['days'][number]) {
  return { start_time: figures.day, ...figuresOf(figures) };
}

function sumOf(nanos: readonly bigint[]): bigint {
  return nanos.reduce((sum, each) => sum + each, 0n);
}

function writeCursor({ value, group }: GroupCursor, orderBy: UsageOrder): string {
  return `page_${Buffer.from(`${orderBy}.${value}.${group}`).toString('base64url')}`;
}

function readCursor(cursor: string, orderBy: UsageOrder): GroupCursor {
  const text = Buffer.from(cursor.replace(/^page_/, ''), 'base64url').toString();
  const [, order, value = '', group = ''] = /^([a-z_]+)\.(\d{1,30})\.(.*)$/s.exec(text) ?? [];
  const read = { value, group };
  const isGroup = group === '' || textSchema.safeParse(group).success;
  if (order !== orderBy || !isGroup || writeCursor(read, orderBy) !== cursor)
    throw invalidField('page', 'expected the next_page of an answer to this same query');
  return read;
}
