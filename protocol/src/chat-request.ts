import { z } from 'zod';
import { messageSchema } from './chat-messages.ts';
import { responseFormatSchema, toolChoiceSchema, toolsSchema } from './chat-tools.ts';

/** A field that is known and does nothing here: only the values that ask for nothing may be sent. */
function only<const Values extends readonly (string | boolean)[]>(...values: Values) {
  return z.literal(values).nullish();
}
const refused = z.null().optional();
/** Engines compare every token with it. OpenAI tells no bound; no delimiter is nearly as long. */
const stopString = z.string().min(1).max(1024);

/**
 * `CreateChatCompletionRequest` of the OpenAI API, with the extensions that users of open models expect.
 * Each field is honoured, or accepted only with the value that changes nothing; unknown fields are refused.
 * Null means absent, as in the OpenAI API. Relations between fields are checked by `chat-relations.ts`.
 */
export const chatRequestSchema = z.strictObject({
  model: z.string().min(1).max(256),
  messages: z.array(messageSchema).min(1).max(2048),

  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  n: z.int().min(1).max(128).nullish(),
  stop: z.union([stopString, z.array(stopString).min(1).max(4)]).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z
    .record(z.string().regex(/^(0|[1-9]\d{0,8})$/), z.int().min(-100).max(100))
    .refine((bias) => Object.keys(bias).length <= 1024, { error: 'expected at most 1024 tokens' })
    .nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  seed: z.int().nullish(),

  response_format: responseFormatSchema.nullish(),
  tools: toolsSchema.nullish(),
  tool_choice: toolChoiceSchema.nullish(),
  parallel_tool_calls: z.boolean().nullish(),

  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().nullish(), include_obfuscation: only(false) })
    .nullish(),

  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((metadata) => Object.keys(metadata).length <= 16, { error: 'expected at most 16 pairs' })
    .nullish(),
  store: z.boolean().nullish(),
  user: z.string().max(512).nullish(),
  safety_identifier: z.string().max(64).nullish(),
  prompt_cache_key: z.string().max(1024).nullish(),

  // Extensions. Names and ranges are vLLM's; a `top_k` of 0 or -1 turns it off.
  top_k: z.int().min(-1).max(1_000_000).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repetition_penalty: z.number().gt(0).max(2).nullish(),
  ignore_eos: z.boolean().nullish(),

  service_tier: only('auto', 'default'),
  reasoning_effort: only('none'),
  verbosity: only('medium'),
  modalities: z.tuple([z.literal('text')]).nullish(),
  prompt_cache_retention: only('in_memory'),
  function_call: only('none'),
  functions: refused,
  audio: refused,
  prediction: refused,
  web_search_options: refused,
  moderation: refused,
  prompt_cache_options: refused,
});

export type ChatRequest = z.infer<typeof chatRequestSchema>;

/** The client's bound on generated tokens for each choice; null when it set none. */
export function completionTokenLimit(request: ChatRequest): number | null {
  return request.max_completion_tokens ?? request.max_tokens ?? null;
}

/** Stop strings, none or up to four. */
export function stopSequences(request: ChatRequest): string[] {
  const { stop } = request;
  return typeof stop === 'string' ? [stop] : (stop ?? []);
}
