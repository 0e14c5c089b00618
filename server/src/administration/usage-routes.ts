import type { FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Tables } from '../db/tables.ts';
import { type MachineSum, sumMachineTime } from '../ledger/machine-time.ts';
import { formatDollars } from '../money.ts';
import { ownsMachines } from '../projects/projects.ts';
import { administratorOf, visibleProjects } from './access.ts';
import { bucketFields, bucketPage, bucketRange } from './buckets.ts';
import { booleanSchema, parseQuery, textsSchema } from './fields.ts';
import { sumUsagePage } from './usage-page.ts';
import { usageDimensions } from './usage-rows.ts';
import type { UsageSum } from './usage.ts';

/** A list in a query; one may be given alone. */
function listOf<const Names extends readonly [string, ...string[]]>(names: Names) {
  const list = z.array(z.enum(names)).max(20).default([]);
  return z.preprocess((value) => (typeof value === 'string' ? [value] : value), list);
}

const completionsQuery = z.strictObject({
  ...bucketFields,
  bucket_width: z.enum(['1m', '1h', '1d']).default('1d'),
  project_ids: textsSchema,
  user_ids: textsSchema,
  api_key_ids: textsSchema,
  models: textsSchema,
  batch: booleanSchema.optional(),
  group_by: listOf([...usageDimensions, 'batch', 'service_tier']),
});

const costsQuery = z.strictObject({
  ...bucketFields,
  bucket_width: z.literal('1d').default('1d'),
  project_ids: textsSchema,
  api_key_ids: textsSchema,
  /** Extension. */
  models: textsSchema,
  group_by: listOf(['project_id', 'line_item', 'api_key_id']),
});

const completionsSizes = {
  '1m': { usual: 60, most: 1440 },
  '1h': { usual: 24, most: 168 },
  '1d': { usual: 7, most: 31 },
};
const costsSizes = { '1d': { usual: 7, most: 180 } };

/** /v1/organization/usage/completions and /v1/organization/costs */
export function usageRoutes(app: FastifyInstance, { kysely }: { kysely: Kysely<Tables> }): void {
  app.get('/v1/organization/usage/completions', async (request) => {
    const { organizationId } = administratorOf(request);
    const { bucket_width: width, ...query } = parseQuery(completionsQuery, request.query);
    const asked = bucketRange(query, width, completionsSizes);
    const groupBy = usageDimensions.filter((dimension) => query.group_by.includes(dimension));
    // There are no batches: nothing is theirs.
    const nothing = query.batch === true;
    const filters = {
      projectIds: visibleProjects(request, query.project_ids),
      userIds: query.user_ids,
      apiKeyIds: query.api_key_ids,
      models: query.models,
    };
    const { range, sums } = nothing
      ? { range: asked, sums: [] }
      : await sumUsagePage(kysely, asked, { organizationId, groupBy, ...filters });
    const told = {
      batch: query.group_by.includes('batch') ? false : null,
      service_tier: query.group_by.includes('service_tier') ? 'default' : null,
    };
    return bucketPage(
      range,
      byBucket(sums, (sum) => ({ ...completionsResult(sum), ...told })),
    );
  });

  app.get('/v1/organization/costs', async (request) => {
    const { organizationId } = administratorOf(request);
    const { bucket_width: width, ...query } = parseQuery(costsQuery, request.query);
    const asked = bucketRange(query, width, costsSizes);
    const groupBy = query.group_by.map((name) => (name === 'line_item' ? 'model' : name));
    const filters = {
      projectIds: visibleProjects(request, query.project_ids),
      apiKeyIds: query.api_key_ids,
      models: query.models,
    };
    const { range, sums } = await sumUsagePage(kysely, asked, {
      organizationId,
      groupBy,
      costs: true,
      ...filters,
    });
    const results = byBucket(sums, (sum) => costsResult(sum));
    // Idle time is nobody's: only who sees all of the organization that owns the machines sees it.
    const isWhole = filters.projectIds === undefined && filters.apiKeyIds === undefined;
    if (isWhole && (await ownsMachines(kysely, organizationId)))
      addIdle(results, await sumMachineTime(kysely, range), query.group_by);
    return bucketPage(range, results);
  });
}

function byBucket<Result>(sums: UsageSum[], toResult: (sum: UsageSum) => Result): Map<number, Result[]> {
  const buckets = Map.groupBy(sums, ({ bucket }) => bucket);
  return new Map([...buckets].map(([bucket, group]) => [bucket, group.map(toResult)]));
}

function completionsResult(sum: UsageSum) {
  return {
    object: 'organization.usage.completions.result',
    input_tokens: sum.promptTokens,
    input_cached_tokens: sum.cachedTokens,
    input_uncached_tokens: sum.promptTokens - sum.cachedTokens,
    output_tokens: sum.completionTokens,
    input_audio_tokens: 0,
    output_audio_tokens: 0,
    num_model_requests: sum.requests,
    project_id: sum.project_id,
    user_id: sum.user_id,
    api_key_id: sum.api_key_id,
    model: sum.model,
  };
}

type CostsResult = ReturnType<typeof costsResult>;

/**
 * Adds what machines cost while they were up and answered nothing (`weai.idle_usd`; see `MachineTime`): to the one result of
 * a bucket, or where results are grouped as results of their own, by deployment where they are grouped by line item. The
 * amounts, which are token prices, stay as they are.
 */
function addIdle(
  results: Map<number, CostsResult[]>,
  sums: readonly MachineSum[],
  groupBy: readonly string[],
): void {
  for (const [day, ofDay] of Map.groupBy(sums, (sum) => sum.day)) {
    const bucket = Date.parse(`${day}T00:00:00Z`) / 1000;
    const known = results.get(bucket) ?? [];
    results.set(bucket, known);
    const total = ofDay.reduce((nanos, { idleCost }) => nanos + idleCost, 0n);
    const [first] = known;
    if (groupBy.length === 0 && first !== undefined) first.weai.idle_usd = formatDollars(total);
    else if (groupBy.includes('line_item')) {
      for (const { deploymentId, idleCost } of ofDay) {
        if (idleCost > 0n) known.push(costsResult(nothingUsed(bucket), idleCost, `idle ${deploymentId}`));
      }
    } else if (total > 0n) known.push(costsResult(nothingUsed(bucket), total));
  }
}

function nothingUsed(bucket: number): UsageSum {
  const dimensionsOf = { project_id: null, user_id: null, api_key_id: null, model: null };
  const counts = { requests: 0, promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
  return { bucket, ...dimensionsOf, ...counts, cost: 0n, machineCost: 0n };
}

/** What tokens cost is the amount; a line item is a model. Exact sums and what machines cost are an extension. */
function costsResult(sum: UsageSum, idleCost = 0n, lineItem = sum.model) {
  return {
    object: 'organization.costs.result',
    amount: { value: Number(sum.cost) / 1e9, currency: 'usd' },
    line_item: lineItem,
    project_id: sum.project_id,
    api_key_id: sum.api_key_id,
    quantity: sum.model === null ? null : sum.promptTokens + sum.completionTokens,
    quantity_unit: sum.model === null ? null : 'tokens',
    weai: {
      amount_usd: formatDollars(sum.cost),
      machine_usd: formatDollars(sum.machineCost),
      idle_usd: formatDollars(idleCost),
    },
  };
}
