import { z } from 'zod';

// What administration answers, in OpenAI's shapes, with what WeAI adds. Times are Unix seconds.

const time = z.int().describe('Unix seconds');
const dollars = z.string().describe('Dollars as a decimal');

/** A page of a list with cursors. */
export function pageOf(item: z.ZodType) {
  return z.object({
    object: z.literal('list'),
    data: z.array(item),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  });
}

/** What the deletion of something answers. */
export function deletionOf(object: string) {
  return z.object({ id: z.string(), object: z.literal(object), deleted: z.literal(true) });
}

export const apiKeySchema = z.object({
  object: z.literal('organization.project.api_key'),
  id: z.string(),
  name: z.string(),
  redacted_value: z.string().describe('Its first characters'),
  created_at: time,
  last_used_at: time.nullable(),
  revoked_at: time.nullable().describe('Null while it works (an extension)'),
});
export const newApiKeySchema = apiKeySchema.extend({
  value: z.string().describe('The key itself: shown now and never again'),
});

export const adminKeySchema = z.looseObject({
  object: z.literal('organization.admin_api_key'),
  id: z.string(),
  name: z.string(),
  redacted_value: z.string().describe('Its first characters'),
  created_at: time,
  expires_at: time.nullable(),
  last_used_at: time.nullable(),
});
export const newAdminKeySchema = adminKeySchema.extend({
  value: z.string().describe('The key itself: shown now and never again'),
});

export const rateLimitSchema = z.object({
  object: z.literal('project.rate_limit'),
  id: z.string(),
  model: z.string(),
  max_requests_per_1_minute: z.int(),
  max_tokens_per_1_minute: z.int(),
});

export const auditLogSchema = z.looseObject({
  id: z.string(),
  type: z.string(),
  effective_at: time,
  project: z.object({ id: z.string(), name: z.string() }).optional(),
  actor: z.looseObject({
    type: z.enum(['api_key', 'session']),
    api_key: z.looseObject({ id: z.string() }).optional(),
    session: z.looseObject({ user: z.looseObject({ id: z.string() }) }).optional(),
  }),
  weai: z
    .object({
      before: z.record(z.string(), z.unknown()).nullable(),
      after: z.record(z.string(), z.unknown()).nullable(),
    })
    .describe('What changed'),
});

const groups = { project_id: z.string().nullable(), api_key_id: z.string().nullable() };

export const completionsUsageSchema = z.object({
  object: z.literal('organization.usage.completions.result'),
  input_tokens: z.int(),
  input_cached_tokens: z.int(),
  output_tokens: z.int(),
  num_model_requests: z.int(),
  model: z.string().nullable(),
  ...groups,
});

export const costsSchema = z.object({
  object: z.literal('organization.costs.result'),
  amount: z.object({ value: z.number(), currency: z.literal('usd') }),
  line_item: z.string().nullable().describe('The model; `idle <deployment>` for the idle time of a machine'),
  ...groups,
  weai: z
    .object({
      amount_usd: dollars,
      machine_usd: dollars.describe('What the machines cost'),
      idle_usd: dollars.describe('What they cost while they were up and answered nothing'),
    })
    .describe('Exact sums'),
});

const figures = {
  num_model_requests: z.int(),
  input_tokens: z.int(),
  input_cached_tokens: z.int(),
  output_tokens: z.int(),
  amount_usd: dollars.describe('What the tokens cost'),
  machine_usd: dollars.describe('What the machines cost'),
};
const daysOfFigures = z.array(z.object({ start_time: time, ...figures })).nullable();

export const usageSummarySchema = z.object({
  object: z.literal('organization.usage.summary'),
  start_time: time,
  end_time: time,
  total: z.object({
    ...figures,
    idle_usd: dollars.describe('What machines cost while they were up and answered nothing'),
  }),
  idle: z
    .array(z.object({ deployment_id: z.string(), idle_usd: dollars }))
    .describe('The same by deployment'),
  days: daysOfFigures.describe('The days that had requests; null unless `days_of` is given'),
  data: z
    .array(
      z.object({
        object: z.literal('organization.usage.summary.group'),
        project_id: z.string().nullable(),
        user_id: z.string().nullable(),
        api_key_id: z.string().nullable(),
        model: z.string().nullable(),
        name: z.string().nullable().describe('Of the project, user or key, as long as it is there'),
        revoked_at: time.nullable().describe('Of a key'),
        ...figures,
        days: daysOfFigures.describe('Empty but for the largest `days_of` groups'),
      }),
    )
    .describe('The largest first'),
  total_count: z.int().describe('How many groups there are on all pages'),
  has_more: z.boolean(),
  next_page: z.string().nullable(),
});

/** A page of buckets of time. */
export function bucketsOf(result: z.ZodType) {
  return z.object({
    object: z.literal('page'),
    data: z.array(
      z.object({
        object: z.literal('bucket'),
        start_time: time,
        end_time: time,
        results: z.array(result),
      }),
    ),
    has_more: z.boolean(),
    next_page: z.string().nullable(),
  });
}
