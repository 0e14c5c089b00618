import { z } from 'zod';
import type { RequestContent } from '../contents/store.ts';
import { formatDollars } from '../money.ts';
import { type LoggedRequest, requestStatuses } from './request-log.ts';

const milliseconds = z.int().nullable();

/** A request of the log, as the API answers it. */
export const requestObjectSchema = z.object({
  id: z.string(),
  object: z.literal('organization.request'),
  started_at_ms: z.int().describe('Unix time in milliseconds'),
  request_id: z
    .string()
    .describe('The x-request-id of the answer; a client may have chosen it, and used it twice'),
  project_id: z.string(),
  api_key_id: z.string().describe('The key or, for a session, the user'),
  api_key_name: z
    .string()
    .nullable()
    .describe('The name of the key or user; null for one that is not there any more'),
  model_requested: z.string(),
  model: z.string().describe('What it was metered as'),
  deployment_id: z.string().nullable().describe('What answered; null when nothing did'),
  failed_attempts: z
    .array(z.object({ deployment_id: z.string(), code: z.string() }))
    .describe('Deployments that failed before'),
  status: z.enum(requestStatuses),
  finish_reason: z.string().nullable(),
  error_code: z.string().nullable(),
  usage: z.object({
    prompt_tokens: z.int(),
    cached_tokens: z.int(),
    completion_tokens: z.int(),
    reasoning_tokens: z.int(),
    counts_from: z.enum(['engine', 'stream']),
  }),
  timing: z.object({
    queue_ms: milliseconds.describe('Waiting in the engine, as it tells; null when it does not'),
    prompt_ms: milliseconds.describe('From the end of the queue to the first token'),
    time_to_first_token_ms: milliseconds.describe('From the start'),
    generation_ms: milliseconds.describe('From the first token to the end'),
    duration_ms: z.int(),
    tokens_per_second: z.number().nullable().describe('Of the generation'),
  }),
  cost: z.object({
    tokens_usd: z.string().describe('The price of the tokens, in decimals'),
    machine_usd: z.string().describe('What the machine cost, in decimals'),
    engine_seconds: z.number().describe("The request's share of its deployment's busy time"),
    input_usd: z.string().nullable().describe('For a million tokens, as the others'),
    cached_input_usd: z.string().nullable(),
    output_usd: z.string().nullable(),
    machine_usd_per_hour: z.string(),
  }),
});

/** What was asked and answered, as the API answers it. */
export const contentObjectSchema = z
  .object({
    request: z
      .looseObject({ messages: z.array(z.unknown()), messages_left_out: z.int().optional() })
      .describe('The fields of the request; `messages_left_out` first messages were too long to keep'),
    answer: z.looseObject({}).nullable().describe('A chat completion; null when there was no answer'),
    truncated: z
      .boolean()
      .describe('Whether texts were cut (they end in …), or images and messages left out'),
    metadata: z.record(z.string(), z.string()).nullable(),
  })
  .nullable()
  .describe('Null unless the project stores content');

/** A request with its content. */
export const requestDetailSchema = requestObjectSchema.extend({ content: contentObjectSchema });

export function contentObject({ request, answer, truncated, metadata }: RequestContent) {
  return { request, answer, truncated, metadata };
}

/** A row of the ledger as the API answers it. */
export function requestObject(row: LoggedRequest): z.output<typeof requestObjectSchema> {
  return {
    id: row.id,
    object: 'organization.request',
    started_at_ms: row.started_at.getTime(),
    request_id: row.request_id,
    project_id: row.project_id,
    api_key_id: row.key_id,
    api_key_name: row.key_name,
    model_requested: row.model_requested,
    model: row.model,
    deployment_id: row.deployment_id,
    failed_attempts: row.route.map(({ deploymentId, code }) => ({ deployment_id: deploymentId, code })),
    status: row.status,
    finish_reason: row.finish_reason,
    error_code: row.error_code,
    usage: {
      prompt_tokens: row.prompt_tokens,
      cached_tokens: row.cached_tokens,
      completion_tokens: row.completion_tokens,
      reasoning_tokens: row.reasoning_tokens,
      counts_from: row.counts_from,
    },
    timing: timingOf(row),
    cost: {
      tokens_usd: formatDollars(row.cost),
      machine_usd: formatDollars(row.machine_cost),
      engine_seconds: row.engine_seconds,
      input_usd: dollarsOrNull(row.input_price),
      cached_input_usd: dollarsOrNull(row.cached_input_price),
      output_usd: dollarsOrNull(row.output_price),
      machine_usd_per_hour: formatDollars(row.machine_price),
    },
  };
}

/** The parts of a waterfall: queue, prompt and generation follow each other and end with the request. */
function timingOf(row: LoggedRequest) {
  const { queue_ms, time_to_first_token_ms: first, duration_ms } = row;
  const generation_ms = first === null ? null : Math.max(0, duration_ms - first);
  // The first token is there when the generation begins.
  const later = row.completion_tokens - 1;
  return {
    queue_ms,
    prompt_ms: first === null ? null : Math.max(0, first - (queue_ms ?? 0)),
    time_to_first_token_ms: first,
    generation_ms,
    duration_ms,
    tokens_per_second:
      generation_ms === null || generation_ms === 0 || later < 1
        ? null
        : Math.round((later / generation_ms) * 1e5) / 100,
  };
}

function dollarsOrNull(nanos: string | null): string | null {
  return nanos === null ? null : formatDollars(nanos);
}
