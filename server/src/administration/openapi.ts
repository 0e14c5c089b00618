import type { z } from 'zod';
import { adminKeyBody } from './admin-key-routes.ts';
import { keyBody } from './api-key-routes.ts';
import { projectBody } from './project-routes.ts';
import { rateLimitBody } from './rate-limit-routes.ts';

interface Operation {
  operationId: string;
  summary: string;
  body?: z.ZodType;
}

const project = '/v1/organization/projects/{project_id}';

/** Answers have the shapes of OpenAI's description, which names these operations alike. */
const operations: Record<string, { get?: Operation; post?: Operation; delete?: Operation }> = {
  '/v1/organization/projects': {
    get: { operationId: 'list-projects', summary: 'List projects' },
    post: { operationId: 'create-project', summary: 'Make a project', body: projectBody },
  },
  [project]: {
    get: { operationId: 'retrieve-project', summary: 'Describe a project' },
    post: { operationId: 'modify-project', summary: 'Rename a project', body: projectBody },
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
};

/**
 * The paths of administration, for the API's description.
 * @param failure the answer that every operation may give. @param toJson a schema as JSON Schema.
 */
export function administrationPaths(failure: object, toJson: (schema: z.ZodType) => object): object {
  const describe = (path: string, { body, ...operation }: Operation) => ({
    ...operation,
    security: [{ adminKey: [] }],
    parameters: Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: toJson(body) } } } }),
    responses: {
      200: {
        description: 'As OpenAI has it',
        content: { 'application/json': { schema: { type: 'object' } } },
      },
      ...failure,
    },
  });
  return Object.fromEntries(
    Object.entries(operations).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [method, describe(path, operation)]),
      ),
    ]),
  );
}
