import { z } from 'zod';
import { adminKeyBody } from './admin-key-routes.ts';
import { deploymentDetailsSchema, modelDetailsSchema, pullSchema } from '../models/model-details.ts';
import { keyBody } from './api-key-routes.ts';
import { deploymentBody, deploymentTestSchema } from './deployment-routes.ts';
import { projectBody, projectUpdateBody } from './project-routes.ts';
import { rateLimitBody } from './rate-limit-routes.ts';

interface Operation {
  operationId: string;
  summary: string;
  body?: z.ZodType;
  /** What it answers; an object of OpenAI's description when left out. */
  answer?: z.ZodType;
  /** 200 when left out. */
  status?: 202;
  query?: Record<string, string>;
  /** Whether the answer may be events of the same objects instead. */
  events?: true;
}

const listOf = (item: z.ZodType) => z.object({ object: z.literal('list'), data: z.array(item) });
const deleted = (object: string) =>
  z.object({ id: z.string(), object: z.literal(object), deleted: z.literal(true) });
const model = '/v1/organization/models/{model_id}';
const deployments = '/v1/organization/deployments';

const project = '/v1/organization/projects/{project_id}';

/** Answers have the shapes of OpenAI's description, which names these operations alike. */
const operations: Record<string, { get?: Operation; post?: Operation; delete?: Operation }> = {
  '/v1/organization/projects': {
    get: { operationId: 'list-projects', summary: 'List projects' },
    post: { operationId: 'create-project', summary: 'Make a project', body: projectBody },
  },
  [project]: {
    get: { operationId: 'retrieve-project', summary: 'Describe a project' },
    post: {
      operationId: 'modify-project',
      summary: 'Rename a project, or set whether it stores content',
      body: projectUpdateBody,
    },
  },
  [`${project}/archive`]: { post: { operationId: 'archive-project', summary: 'Archive a project' } },
  [`${project}/api_keys`]: {
    get: { operationId: 'list-project-api-keys', summary: 'List API keys' },
    post: {
      operationId: 'create-project-api-key',
      summary: 'Make an API key, shown once (an extension of the OpenAI API)',
      body: keyBody,
    },
  },
  [`${project}/api_keys/{api_key_id}`]: {
    get: { operationId: 'retrieve-project-api-key', summary: 'Describe an API key' },
    delete: { operationId: 'delete-project-api-key', summary: 'Revoke an API key' },
  },
  [`${project}/rate_limits`]: {
    get: { operationId: 'list-project-rate-limits', summary: 'Show the rate limit of a project' },
  },
  [`${project}/rate_limits/{rate_limit_id}`]: {
    post: {
      operationId: 'update-project-rate-limits',
      summary: 'Change the rate limit of a project',
      body: rateLimitBody,
    },
  },
  '/v1/organization/admin_api_keys': {
    get: { operationId: 'admin-api-keys-list', summary: 'List admin keys' },
    post: {
      operationId: 'admin-api-keys-create',
      summary: 'Make an admin key, shown once',
      body: adminKeyBody,
    },
  },
  '/v1/organization/admin_api_keys/{key_id}': {
    get: { operationId: 'admin-api-keys-get', summary: 'Describe an admin key' },
    delete: { operationId: 'admin-api-keys-delete', summary: 'Revoke an admin key' },
  },
  '/v1/organization/audit_logs': {
    get: { operationId: 'list-audit-logs', summary: 'List administrative acts' },
  },
  '/v1/organization/usage/completions': {
    get: { operationId: 'usage-completions', summary: 'Sum the usage by minute, hour or day' },
  },
  '/v1/organization/costs': { get: { operationId: 'usage-costs', summary: 'Sum the costs by day' } },
  '/v1/organization/models': {
    get: {
      operationId: 'list-models-administration',
      summary: 'List models with what serves them and how it is',
      answer: listOf(modelDetailsSchema),
    },
  },
  [model]: {
    get: {
      operationId: 'retrieve-model-administration',
      summary: 'Describe a model with what serves it; slashes in its id are encoded',
      answer: modelDetailsSchema,
    },
  },
  [`${model}/pull`]: {
    get: {
      operationId: 'retrieve-pull',
      summary: 'Show how far the weights of a model are',
      query: { stream: '`true`: an event for each change, until nothing is under way, then `[DONE]`' },
      answer: pullSchema,
      events: true,
    },
    post: {
      operationId: 'start-pull',
      summary: 'Fetch the weights of a model, or go on with it',
      answer: pullSchema,
      status: 202,
    },
  },
  [`${model}/pull/cancel`]: {
    post: { operationId: 'cancel-pull', summary: 'Stop fetching; what is there stays', answer: pullSchema },
  },
  [deployments]: {
    get: {
      operationId: 'list-deployments',
      summary: 'List what serves models',
      answer: listOf(deploymentDetailsSchema),
    },
    post: {
      operationId: 'create-deployment',
      summary: 'Connect an engine elsewhere, after a test',
      body: deploymentBody,
      answer: deploymentDetailsSchema,
    },
  },
  [`${deployments}/test`]: {
    post: {
      operationId: 'test-deployment',
      summary: 'Try an engine elsewhere: its list of models, and one token',
      body: deploymentBody,
      answer: deploymentTestSchema,
    },
  },
  [`${deployments}/{deployment_id}`]: {
    get: {
      operationId: 'retrieve-deployment',
      summary: 'Describe a deployment',
      answer: deploymentDetailsSchema,
    },
    delete: {
      operationId: 'delete-deployment',
      summary: 'Disconnect an engine that was connected by hand',
      answer: deleted('organization.deployment.deleted'),
    },
  },
};

/**
 * The paths of administration, for the API's description.
 * @param failure the answer that every operation may give. @param toJson a schema as JSON Schema.
 */
export function administrationPaths(
  failure: object,
  toJson: (schema: z.ZodType, io: 'input' | 'output') => object,
): object {
  const describe = (path: string, operation: Operation) => {
    const { operationId, summary, body, answer, status = 200, query = {}, events } = operation;
    const schema = answer === undefined ? { type: 'object' } : toJson(answer, 'output');
    const parameters = [
      ...Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({ name, in: 'path', required: true })),
      ...Object.entries(query).map(([name, description]) => ({ name, in: 'query', description })),
    ];
    return {
      operationId,
      summary,
      security: [{ adminKey: [] }, { session: [] }],
      parameters: parameters.map((parameter) => ({ ...parameter, schema: { type: 'string' } })),
      ...(body === undefined
        ? {}
        : {
            requestBody: {
              required: true,
              content: { 'application/json': { schema: toJson(body, 'input') } },
            },
          }),
      responses: {
        [status]: {
          description: answer === undefined ? 'As OpenAI has it' : 'As described',
          content: {
            'application/json': { schema },
            ...(events ? { 'text/event-stream': { schema } } : {}),
          },
        },
        ...failure,
      },
    };
  };
  return Object.fromEntries(
    Object.entries(operations).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [method, describe(path, operation)]),
      ),
    ]),
  );
}
