import { z } from 'zod';

const count = z.int().min(0).max(1_000_000_000);
const milliseconds = z.number().min(0).max(1_000_000_000);
const dollars = z.string().regex(/^\d{1,12}(\.\d{1,12})?$/);

const usage = z.strictObject({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: z
    .strictObject({ cached_tokens: count.optional(), audio_tokens: count.optional() })
    .nullish(),
  completion_tokens_details: z
    .strictObject({
      reasoning_tokens: count.optional(),
      audio_tokens: count.optional(),
      accepted_prediction_tokens: count.optional(),
      rejected_prediction_tokens: count.optional(),
    })
    .nullish(),
});

/** How an answer came about, as the client measured it. */
export const metricsSchema = z.strictObject({
  time_to_first_token_ms: milliseconds.nullish(),
  duration_ms: milliseconds.nullish(),
  tokens_per_second: z.number().min(0).max(1_000_000).nullish(),
  usage: usage.nullish(),
  cost_usd: dollars.nullish().describe('The price of the tokens, in decimals'),
  machine_usd: dollars.nullish().describe('What the machine cost meanwhile, in decimals'),
  finish_reason: z.string().max(64).nullish(),
});

/** Why there is no answer, or only a part. */
export const failureSchema = z.strictObject({
  message: z.string().max(2000),
  code: z.string().max(64).nullish(),
});

/** A call that a model asked for. Its arguments may be anything: models write them. */
export const toolCallSchema = z.strictObject({
  id: z.string().min(1).max(256),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string().max(256), arguments: z.string() }),
});
