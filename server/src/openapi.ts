import { chatRequestSchema } from '@weai/protocol/chat-request';
import { z } from 'zod';
import { administrationPaths } from './administration/openapi.ts';
import { listStoredCompletions, storedCompletionPaths } from './chat/stored-openapi.ts';
import { json, reference } from './openapi-schemas.ts';
import { playgroundDescription } from './playground/openapi.ts';
import { requestLogDescription } from './requests/openapi.ts';
import { signInPaths } from './sign-in/openapi.ts';

const errorBody = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});

const usage = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: z.looseObject({ cached_tokens: z.int() }),
});

const toolCall = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

const finishReason = z.enum(['stop', 'length', 'tool_calls', 'content_filter']);

const answer = {
  id: z.string(),
  created: z.int().describe('Unix time in seconds'),
  model: z.string().describe('The model that answered, which a stand-in makes differ from the one asked for'),
};

const tokenLogprob = z.object({
  token: z.string(),
  logprob: z.number(),
  top_logprobs: z.array(z.object({ token: z.string(), logprob: z.number() })).optional(),
});

const chatCompletion = z.looseObject({
  ...answer,
  object: z.literal('chat.completion'),
  choices: z.array(
    z.looseObject({
      index: z.int(),
      finish_reason: finishReason,
      message: z.looseObject({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.string().nullable(),
        tool_calls: z.array(toolCall).optional(),
      }),
    }),
  ),
  usage,
});

const chatCompletionChunk = z.looseObject({
  ...answer,
  object: z.literal('chat.completion.chunk'),
  choices: z.array(
    z.looseObject({
      index: z.int(),
      finish_reason: finishReason.nullable(),
      delta: z.looseObject({
        role: z.literal('assistant').optional(),
        content: z.string().nullish(),
        refusal: z.string().nullish(),
        tool_calls: z
          .array(
            z.object({
              index: z.int(),
              id: z.string().optional(),
              function: z
                .object({ name: z.string().optional(), arguments: z.string().optional() })
                .optional(),
            }),
          )
          .optional(),
      }),
      logprobs: z.looseObject({ content: z.array(tokenLogprob).nullish() }).nullish(),
    }),
  ),
  usage: usage.nullish(),
});

const model = z.looseObject({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
  weai: z
    .looseObject({
      status: z.string(),
      stand_in: z.boolean(),
      usual_completion_tokens: z
        .int()
        .nullable()
        .describe(
          'How long an answer is at most where its request sets no limit; null: as long as the context has room',
        ),
    })
    .describe('What serves it here, and how it is'),
});

const schemas = {
  CreateChatCompletionRequest: { schema: chatRequestSchema, io: 'input' },
  ChatCompletion: { schema: chatCompletion, io: 'output' },
  ChatCompletionChunk: { schema: chatCompletionChunk, io: 'output' },
  Model: { schema: model, io: 'output' },
  ErrorResponse: { schema: errorBody, io: 'output' },
} as const;

const failure = { default: { description: 'An error', content: json(reference('ErrorResponse')) } };

/** The API's description (OpenAPI 3.1), made from the schemas that requests are checked against. */
export function openapiDocument(): object {
  const playground = playgroundDescription(failure);
  const requestLog = requestLogDescription(failure);
  return {
    openapi: '3.1.0',
    info: {
      title: 'WeAI',
      version: '1',
      description: 'Open-source text models behind an OpenAI-compatible API.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ apiKey: [] }, { session: [] }],
    paths: {
      '/v1/chat/completions': {
        get: listStoredCompletions(failure),
        post: {
          operationId: 'createChatCompletion',
          summary: 'Answer a conversation',
          requestBody: { required: true, content: json(reference('CreateChatCompletionRequest')) },
          responses: {
            200: {
              description: 'The answer; with `stream`, its chunks as server-sent events, then `[DONE]`',
              content: {
                ...json(reference('ChatCompletion')),
                'text/event-stream': { schema: reference('ChatCompletionChunk') },
              },
            },
            ...failure,
          },
        },
      },
      ...storedCompletionPaths(failure),
      '/v1/models': {
        get: {
          operationId: 'listModels',
          summary: 'List the models',
          responses: {
            200: {
              description: 'Every model that can be asked for',
              content: json({
                type: 'object',
                properties: { object: { const: 'list' }, data: { type: 'array', items: reference('Model') } },
                required: ['object', 'data'],
              }),
            },
            ...failure,
          },
        },
      },
      '/v1/models/{model}': {
        get: {
          operationId: 'retrieveModel',
          summary: 'Describe a model',
          parameters: [{ name: 'model', in: 'path', required: true, schema: { type: 'string' } }],
          responses: { 200: { description: 'The model', content: json(reference('Model')) }, ...failure },
        },
      },
      ...playground.paths,
      ...signInPaths(failure, jsonSchemaOf),
      ...administrationPaths(failure, jsonSchemaOf),
      ...requestLog.paths,
      '/healthz': {
        get: {
          operationId: 'getHealth',
          summary: 'Whether the process is alive',
          security: [],
          responses: { 200: { description: 'It is', content: json({ type: 'object' }) } },
        },
      },
      '/readyz': {
        get: {
          operationId: 'getReadiness',
          summary: 'Whether to send requests here, and what is amiss',
          security: [],
          responses: {
            200: { description: 'Send them', content: json({ type: 'object' }) },
            503: {
              description: 'Don’t: it is draining, or no engine is ready',
              content: json({ type: 'object' }),
            },
          },
        },
      },
    },
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: "A project's key" },
        adminKey: { type: 'http', scheme: 'bearer', description: 'An admin key' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'weai.session_token',
          description:
            'A signed-in person, in the project of the header OpenAI-Project. Methods other than GET need the header x-weai-csrf: 1.',
        },
      },
      schemas: {
        ...Object.fromEntries(
          Object.entries(schemas).map(([name, { schema, io }]) => [name, jsonSchemaOf(schema, io)]),
        ),
        ...playground.schemas,
        ...requestLog.schemas,
      },
    },
  };
}

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _dialect, ...described } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    reused: 'inline',
  });
  return described;
}
