import { z } from 'zod';
import { engineKinds } from './remotes.ts';

const capabilities = z.object({
  text: z.literal(true),
  image_input: z.boolean(),
  tools: z.boolean(),
  structured_output: z.boolean().describe('JSON mode and strict JSON schemas'),
  logprobs: z.boolean(),
});

const dollars = z.string().describe('Dollars as a decimal');

/** A deployment as an operator sees it. */
export const deploymentDetailsSchema = z.object({
  object: z.literal('organization.deployment'),
  id: z.string(),
  model: z.string().describe('The model that it serves'),
  upstream_model: z.string().describe('What its engine calls the model'),
  kind: z.enum(engineKinds),
  origin: z
    .enum(['weights', 'declared', 'connected'])
    .describe(
      'From weights on this machine, from weai.yaml, or connected by hand: only those can be deleted',
    ),
  url: z
    .string()
    .nullable()
    .describe('Without credentials; null for an engine of this machine, and for those who may not change it'),
  api_key_env: z.string().nullable().describe('The variable of the server that holds the key'),
  state: z.enum(['ready', 'starting', 'restarting', 'failed', 'stopped']),
  reason: z.string().nullable().describe('Why it is not ready'),
  restarts: z.int().nullable().describe('How often an engine of this machine ended unasked'),
  context_tokens: z.int().nullable(),
  capabilities,
  machine_usd_per_hour: dollars,
  load: z.object({
    in_flight: z.int().describe('Requests of this server that it is answering'),
    running: z.int().nullable().describe('Requests that its engine works on, of all its clients'),
    queued: z.int().nullable().describe('Requests that wait in its engine'),
    tokens_per_second: z.number().describe('Generated for this server over the last five seconds'),
    queue_ms: z.number().nullable().describe('Median wait in the engine over the last five minutes'),
    time_to_first_token_ms: z.number().nullable().describe('Median over the last five minutes'),
  }),
});

/** How far the weights of a model are. */
export const pullSchema = z.object({
  object: z.literal('organization.model.pull'),
  model: z.string(),
  state: z
    .enum(['idle', 'waiting', 'running', 'done', 'failed', 'cancelled'])
    .describe('`waiting`: another process fetches them; `idle`: nobody does'),
  bytes: z.int().describe('Fetched so far'),
  total_bytes: z.int().nullable(),
  bytes_per_second: z.int().describe('Over the last five seconds; 0 when nothing runs'),
  source: z.string().nullable().describe('Where the bytes come from now'),
  step: z.string().nullable().describe('What happens now, in a sentence'),
  verified: z.boolean().describe('Whether the whole file is there and its SHA-256 was right'),
  error: z.string().nullable().describe('Why it failed, and what to do'),
  started_at: z.int().nullable().describe('Unix seconds'),
  finished_at: z.int().nullable().describe('Unix seconds'),
});

/** A model as an operator sees it: what is known of it, and null where nothing is. */
export const modelDetailsSchema = z.object({
  object: z.literal('organization.model'),
  id: z.string(),
  title: z.string(),
  created: z.int().describe('Unix seconds'),
  owned_by: z.string(),
  status: z.enum(['ready', 'starting', 'stand_in', 'unavailable', 'not_installed']),
  in_catalogue: z.boolean().describe('Whether it can be pulled'),
  licence: z.object({ name: z.string(), url: z.string() }).nullable(),
  parameters: z.int().nullable(),
  context_tokens: z
    .int()
    .nullable()
    .describe('The most that a deployment takes, else what the model is made for'),
  usual_completion_tokens: z
    .int()
    .nullable()
    .describe(
      'How long an answer of what serves it, or stands in, is at most where its request sets no limit; null: as long as the context has room',
    ),
  capabilities,
  price: z
    .object({
      input_usd_per_million: dollars,
      cached_input_usd_per_million: dollars,
      output_usd_per_million: dollars,
    })
    .nullable()
    .describe('What its tokens cost now'),
  weights: z
    .object({
      file_name: z.string(),
      quantization: z.string(),
      size_bytes: z.int(),
      bytes_on_disk: z.int(),
      state: z.enum(['present', 'partial', 'absent']),
      sources: z.array(z.string()),
    })
    .nullable()
    .describe('Those of the catalogue, on this machine'),
  memory: z
    .object({
      weights_bytes: z.int(),
      machine_bytes: z.int(),
      fits: z.boolean().describe('Whether the weights leave room for anything else'),
    })
    .nullable(),
  stand_in: z
    .object({
      model: z.string().describe('What answers in its place'),
      command: z.string().describe('The command that replaces it'),
    })
    .nullable(),
  hint: z.string().nullable().describe('What to do where the model itself does not answer'),
  deployments: z.array(deploymentDetailsSchema),
  pull: pullSchema.nullable().describe('Null for a model whose weights are not in the catalogue'),
});

export type DeploymentDetails = z.output<typeof deploymentDetailsSchema>;
export type PullObject = z.output<typeof pullSchema>;
export type ModelDetails = z.output<typeof modelDetailsSchema>;
