import { z } from 'zod';
import { adminKeyBody } from './admin-key-routes.ts';
import {
  adminKeySchema,
  apiKeySchema,
  auditLogSchema,
  bucketsOf,
  completionsUsageSchema,
  costsSchema,
  deletionOf,
  newAdminKeySchema,
  newApiKeySchema,
  pageOf,
  rateLimitSchema,
  usageSummarySchema,
} from './answers.ts';
import { deploymentDetailsSchema, modelDetailsSchema, pullSchema } from '../models/model-details.ts';
import { keyBody } from './api-key-routes.ts';
import { deploymentBody, deploymentTestSchema } from './deployment-routes.ts';
import { limitBody, limitSchema } from './limit-routes.ts';
import { projectBody, projectSchema, projectUpdateBody } from './project-routes.ts';
import { inviteBody, inviteSchema } from './invite-routes.ts';
import { projectUserBody, projectUserRoleBody, projectUserSchema } from './project-user-routes.ts';
import { userRoleBody, userSchema } from './user-routes.ts';
import { rateLimitBody } from './rate-limit-routes.ts';

interface Operation {
  operationId: string;
  summary: string;
  body?: z.ZodType;
  /** What it answers; an object of OpenAI's description when left out. */
  answer?: z.ZodType;
  /** 200 when left out. */
  status?: 202;
  /** Descriptions by name; a name ends in `[]` where there may be several. */
  query?: Record<string, string>;
  /** Whether the answer may be events of the same objects instead. */
  events?: true;
}

const listOf = (item: z.ZodType) => z.object({ object: z.literal('list'), data: z.array(item) });
const model = '/v1/organization/models/{model_id}';
const deployments = '/v1/organization/deployments';

const project = '/v1/organization/projects/{project_id}';
const limits = '/v1/organization/limits';

const page = { limit: 'At most so many: 1 to 100', after: 'The `last_id` of the page before' };
const buckets = {
  start_time: 'Unix seconds',
  end_time: 'Unix seconds; before this',
  limit: 'At most so many buckets; fewer where they have some 5,000 results',
  page: 'The `next_page` of the page before',
  'project_ids[]': 'Of these projects only',
  'api_key_ids[]': 'Of these keys only',
};

/** Answers have the shapes of OpenAI's description, which names these operations alike. */
const operations: Record<string, { get?: Operation; post?: Operation; delete?: Operation }> = {
  '/v1/organization/projects': {
    get: {
      operationId: 'list-projects',
      summary: 'List projects',
      query: { ...page, include_archived: '`true`: those that are archived too' },
      answer: pageOf(projectSchema),
    },
    post: {
      operationId: 'create-project',
      summary: 'Make a project',
      body: projectBody,
      answer: projectSchema,
    },
  },
  [project]: {
    get: { operationId: 'retrieve-project', summary: 'Describe a project', answer: projectSchema },
    post: {
      operationId: 'modify-project',
      summary: 'Rename a project, or set whether it stores content',
      body: projectUpdateBody,
      answer: projectSchema,
    },
  },
  [`${project}/archive`]: {
    post: { operationId: 'archive-project', summary: 'Archive a project', answer: projectSchema },
  },
  [`${project}/api_keys`]: {
    get: {
      operationId: 'list-project-api-keys',
      summary: 'List API keys',
      query: { ...page, include_revoked: '`true`: those that were revoked too (an extension)' },
      answer: pageOf(apiKeySchema),
    },
    post: {
      operationId: 'create-project-api-key',
      summary: 'Make an API key, shown once (an extension of the OpenAI API)',
      body: keyBody,
      answer: newApiKeySchema,
    },
  },
  [`${project}/api_keys/{api_key_id}`]: {
    get: { operationId: 'retrieve-project-api-key', summary: 'Describe an API key', answer: apiKeySchema },
    delete: {
      operationId: 'delete-project-api-key',
      summary: 'Revoke an API key',
      answer: deletionOf('organization.project.api_key.deleted'),
    },
  },
  [`${project}/rate_limits`]: {
    get: {
      operationId: 'list-project-rate-limits',
      summary: 'Show the rate limit of a project',
      answer: pageOf(rateLimitSchema),
    },
  },
  [`${project}/rate_limits/{rate_limit_id}`]: {
    post: {
      operationId: 'update-project-rate-limits',
      summary: 'Change the rate limit of a project',
      body: rateLimitBody,
      answer: rateLimitSchema,
    },
  },
  [limits]: {
    get: {
      operationId: 'list-limits',
      summary: 'List the organization, its projects, and keys that have limits, with what they spent',
      query: { ...page, 'project_ids[]': 'Of these projects and their keys only' },
      answer: pageOf(limitSchema),
    },
  },
  [`${limits}/{kind}/{subject_id}`]: {
    get: {
      operationId: 'retrieve-limits',
      summary: 'Show the limits of an organization, project or key (`kind`)',
      answer: limitSchema,
    },
    post: {
      operationId: 'modify-limits',
      summary: 'Change limits; those that are left out stay, and null takes one away',
      body: limitBody,
      answer: limitSchema,
    },
  },
  [`${project}/users`]: {
    get: {
      operationId: 'list-project-users',
      summary: 'List the members of a project',
      query: page,
      answer: pageOf(projectUserSchema),
    },
    post: {
      operationId: 'create-project-user',
      summary: 'Add a member of the organization to a project',
      body: projectUserBody,
      answer: projectUserSchema,
    },
  },
  [`${project}/users/{user_id}`]: {
    get: {
      operationId: 'retrieve-project-user',
      summary: 'Describe a member of a project',
      answer: projectUserSchema,
    },
    post: {
      operationId: 'modify-project-user',
      summary: 'Change the role in a project',
      body: projectUserRoleBody,
      answer: projectUserSchema,
    },
    delete: {
      operationId: 'delete-project-user',
      summary: 'Take a member out of a project',
      answer: deletionOf('organization.project.user.deleted'),
    },
  },
  '/v1/organization/users': {
    get: {
      operationId: 'list-users',
      summary: 'List the members',
      query: { ...page, 'emails[]': 'With these emails only' },
      answer: pageOf(userSchema),
    },
  },
  '/v1/organization/users/{user_id}': {
    get: { operationId: 'retrieve-user', summary: 'Describe a member', answer: userSchema },
    post: {
      operationId: 'modify-user',
      summary: 'Change the role of a member; the last owner stays one',
      body: userRoleBody,
      answer: userSchema,
    },
    delete: {
      operationId: 'delete-user',
      summary: 'Remove a member, whose sessions end within a second',
      answer: deletionOf('organization.user.deleted'),
    },
  },
  '/v1/organization/invites': {
    get: {
      operationId: 'list-invites',
      summary: 'List invitations',
      query: page,
      answer: pageOf(inviteSchema),
    },
    post: {
      operationId: 'inviteUser',
      summary: 'Invite somebody by a one-time link, told once; no mail is sent',
      body: inviteBody,
      answer: inviteSchema,
    },
  },
  '/v1/organization/invites/{invite_id}': {
    get: { operationId: 'retrieve-invite', summary: 'Describe an invitation', answer: inviteSchema },
    delete: {
      operationId: 'delete-invite',
      summary: 'Withdraw an invitation',
      answer: deletionOf('organization.invite.deleted'),
    },
  },
  '/v1/organization/admin_api_keys': {
    get: {
      operationId: 'admin-api-keys-list',
      summary: 'List admin keys',
      query: { ...page, order: '`asc` or `desc`, by when they were made' },
      answer: pageOf(adminKeySchema),
    },
    post: {
      operationId: 'admin-api-keys-create',
      summary: 'Make an admin key, shown once',
      body: adminKeyBody,
      answer: newAdminKeySchema,
    },
  },
  '/v1/organization/admin_api_keys/{key_id}': {
    get: { operationId: 'admin-api-keys-get', summary: 'Describe an admin key', answer: adminKeySchema },
    delete: {
      operationId: 'admin-api-keys-delete',
      summary: 'Revoke an admin key',
      answer: deletionOf('organization.admin_api_key.deleted'),
    },
  },
  '/v1/organization/audit_logs': {
    get: {
      operationId: 'list-audit-logs',
      summary: 'List administrative acts',
      query: {
        ...page,
        before: 'The `first_id` of the page after',
        'effective_at[gte]': 'Unix seconds',
        'effective_at[lt]': 'Unix seconds',
        'project_ids[]': 'In these projects only',
        'event_types[]': 'Of these kinds only',
        'actor_ids[]': 'By these only',
        'resource_ids[]': 'To these only',
      },
      answer: pageOf(auditLogSchema),
    },
  },
  '/v1/organization/usage/completions': {
    get: {
      operationId: 'usage-completions',
      summary: 'Sum the usage by minute, hour or day',
      query: {
        ...buckets,
        bucket_width: '`1m`, `1h` or `1d`',
        'models[]': 'Of these models only',
        'user_ids[]': 'Of what these users did in the console only, not by keys',
        'group_by[]': '`project_id`, `api_key_id`, `model`, `user_id`, `batch`, `service_tier`',
      },
      answer: bucketsOf(completionsUsageSchema),
    },
  },
  '/v1/organization/usage/summary': {
    get: {
      operationId: 'usage-summary',
      summary:
        'Sum the usage and its costs over days: in all, by group with the largest first, and by day (an extension)',
      query: {
        start_time: buckets.start_time,
        end_time: 'Unix seconds; before this. Now, if left out. At most 366 days',
        'project_ids[]': buckets['project_ids[]'],
        'api_key_ids[]': buckets['api_key_ids[]'],
        'models[]': 'Of these models only',
        'user_ids[]': 'Of what these users did in the console only, not by keys',
        group_by: '`project_id`, `api_key_id`, `model` or `user_id`',
        order_by: '`amount_usd` (if left out), `machine_usd`, `tokens` or `num_model_requests`',
        days_of: 'Tell the days too, and those of so many of the largest groups: up to 20',
        limit: 'At most so many groups: up to 1000, 50 if left out',
        page: 'The `next_page` of the page before',
      },
      answer: usageSummarySchema,
    },
  },
  '/v1/organization/costs': {
    get: {
      operationId: 'usage-costs',
      summary: 'Sum the costs by day',
      query: {
        ...buckets,
        bucket_width: '`1d`',
        'models[]': 'Of these models only (an extension)',
        'group_by[]': '`project_id`, `api_key_id`, `line_item`',
      },
      answer: bucketsOf(costsSchema),
    },
  },
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
      answer: deletionOf('organization.deployment.deleted'),
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
      parameters: parameters.map((parameter) => ({
        ...parameter,
        schema:
          parameter.name?.endsWith('[]') === true
            ? { type: 'array', items: { type: 'string' } }
            : { type: 'string' },
      })),
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
