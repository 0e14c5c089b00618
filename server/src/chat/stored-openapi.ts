import { z } from 'zod';
import { json, reference } from '../openapi-schemas.ts';
import { storedBody } from './stored-routes.ts';

const page = {
  limit: { schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
  after: { schema: { type: 'string' }, description: 'The `last_id` of the page before' },
  order: { schema: { type: 'string', enum: ['asc', 'desc'], default: 'asc' } },
};

/** GET /v1/chat/completions, for the API's description. @param failure the answer that every operation may give. */
export function listStoredCompletions(failure: object): object {
  return {
    operationId: 'listChatCompletions',
    summary: 'List the completions that were asked for with `store`',
    parameters: query({
      ...page,
      model: { schema: { type: 'string' } },
      metadata: {
        style: 'deepObject',
        schema: { type: 'object', additionalProperties: { type: 'string' } },
        description: 'Pairs that their metadata must have, as in `metadata[topic]=sky`',
      },
    }),
    responses: {
      200: { description: 'A page of them', content: json(listOf(reference('ChatCompletion'))) },
      ...failure,
    },
  };
}

/** The paths of a stored completion. */
export function storedCompletionPaths(failure: object): object {
  const id = { name: 'completion_id', in: 'path', required: true, schema: { type: 'string' } };
  const { $schema: _dialect, ...body } = z.toJSONSchema(storedBody, { io: 'input' });
  const completion = {
    200: { description: 'As it is now', content: json(reference('ChatCompletion')) },
    ...failure,
  };
  return {
    '/v1/chat/completions/{completion_id}': {
      parameters: [id],
      get: { operationId: 'getChatCompletion', summary: 'Show a stored completion', responses: completion },
      post: {
        operationId: 'updateChatCompletion',
        summary: 'Replace the metadata of a stored completion',
        requestBody: { required: true, content: json(body) },
        responses: completion,
      },
      delete: {
        operationId: 'deleteChatCompletion',
        summary: 'Delete a stored completion, in the request log too',
        responses: { 200: { description: 'It is deleted', content: json({ type: 'object' }) }, ...failure },
      },
    },
    '/v1/chat/completions/{completion_id}/messages': {
      parameters: [id],
      get: {
        operationId: 'getChatCompletionMessages',
        summary: 'List the messages that a stored completion answered',
        parameters: query(page),
        responses: {
          200: { description: 'A page of them', content: json(listOf({ type: 'object' })) },
          ...failure,
        },
      },
    },
  };
}

function query(parameters: Record<string, object>): object[] {
  return Object.entries(parameters).map(([name, described]) => ({ name, in: 'query', ...described }));
}

function listOf(items: object): object {
  return {
    type: 'object',
    properties: {
      object: { const: 'list' },
      data: { type: 'array', items },
      first_id: { type: ['string', 'null'] },
      last_id: { type: ['string', 'null'] },
      has_more: { type: 'boolean' },
    },
    required: ['object', 'data', 'first_id', 'last_id', 'has_more'],
  };
}
