import { z } from 'zod';
import { describeSchemas, json, namedSchemas, reference } from '../openapi-schemas.ts';
import { requestDetailSchema, requestObjectSchema } from './request-object.ts';
import { requestStatuses } from './request-log.ts';

const list = z.object({
  object: z.literal('list'),
  data: z.array(requestObjectSchema),
  has_more: z.boolean(),
  next_cursor: z.string().nullable().describe('What `after` must be for the next page'),
});

const texts = { type: 'array', items: { type: 'string', maxLength: 256 } };
const filters: Record<string, object> = {
  project_ids: { schema: texts },
  api_key_ids: { schema: texts },
  models: { schema: texts },
  request_ids: { schema: texts, description: 'The x-request-ids of their answers' },
  statuses: { schema: { type: 'array', items: { type: 'string', enum: requestStatuses } } },
  start_time: { schema: { type: 'integer' }, description: 'Unix time in seconds' },
  end_time: { schema: { type: 'integer' }, description: 'Unix time in seconds; before this' },
  min_duration_ms: { schema: { type: 'integer', minimum: 0 } },
  limit: { schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
  after: { schema: { type: 'string' }, description: 'The `next_cursor` of the page before' },
};

/** The paths and schemas of the request log, for the API's description. @param failure the answer that every operation may give. */
export function requestLogDescription(failure: object): { paths: object; schemas: object } {
  const schemas = namedSchemas();
  schemas.add(requestObjectSchema, { id: 'LoggedRequest' });
  schemas.add(requestDetailSchema, { id: 'LoggedRequestDetail' });
  schemas.add(list, { id: 'LoggedRequestList' });
  const paths = {
    '/v1/organization/requests': {
      get: {
        operationId: 'list-requests',
        summary: 'List the requests that were metered, the latest first',
        security: [{ adminKey: [] }],
        parameters: Object.entries(filters).map(([name, described]) => ({ name, in: 'query', ...described })),
        responses: {
          200: { description: 'A page of them', content: json(reference('LoggedRequestList')) },
          ...failure,
        },
      },
    },
    '/v1/organization/requests/{request_id}': {
      get: {
        operationId: 'retrieve-request',
        summary:
          'Describe a request: where its time went, what it cost, and its content where the project stores it',
        security: [{ adminKey: [] }],
        parameters: [{ name: 'request_id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: {
          200: { description: 'The request', content: json(reference('LoggedRequestDetail')) },
          ...failure,
        },
      },
    },
  };
  return { paths, schemas: describeSchemas(schemas, 'output') };
}
