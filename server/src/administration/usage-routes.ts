import type { FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Tables } from '../db/tables.ts';
import { formatDollars } from '../money.ts';
import { administratorOf, visibleProjects } from './access.ts';
import { bucketFields, bucketPage, bucketRange } from './buckets.ts';
import { booleanSchema, parseQuery, textsSchema } from './fields.ts';
import { sumUsage, type UsageDimension, type UsageSum } from './usage.ts';

const dimensions = ['project_id', 'api_key_id', 'model'] as const satisfies UsageDimension[];

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
  group_by: listOf([...dimensions, 'user_id', 'batch', 'service_tier']),
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
    const range = bucketRange(query, width, completionsSizes);
    const groupBy = dimensions.filter((dimension) => query.group_by.includes(dimension));
    // There are no users and no batches: nothing is theirs.
    const nothing = query.user_ids !== undefined || query.batch === true;
    const filters = {
      projectIds: visibleProjects(request, query.project_ids),
      apiKeyIds: query.api_key_ids,
      models: query.models,
    };
    const sums = nothing ? [] : await sumUsage(kysely, { organizationId, ...range, groupBy, ...filters });
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
    const range = bucketRange(query, width, costsSizes);
    const groupBy = query.group_by.map((name) => (name === 'line_item' ? 'model' : name));
    const filters = {
      projectIds: visibleProjects(request, query.project_ids),
      apiKeyIds: query.api_key_ids,
      models: query.models,
    };
    const sums = await sumUsage(kysely, { organizationId, ...range, groupBy, ...filters });
    return bucketPage(range, byBucket(sums, costsResult));
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
    user_id: null,
    api_key_id: sum.api_key_id,
    model: sum.model,
  };
}

/** What tokens cost is the amount; a line item is a model. Exact sums and what machines cost are an extension. */
function costsResult(sum: UsageSum) {
  return {
    object: 'organization.costs.result',
    amount: { value: Number(sum.cost) / 1e9, currency: 'usd' },
    line_item: sum.model,
    project_id: sum.project_id,
    api_key_id: sum.api_key_id,
    quantity: sum.model === null ? null : sum.promptTokens + sum.completionTokens,
    quantity_unit: sum.model === null ? null : 'tokens',
    weai: { amount_usd: formatDollars(sum.cost), machine_usd: formatDollars(sum.machineCost) },
  };
}
