import { apiKeySchema, deletionOf, newApiKeySchema, pageOf, rateLimitSchema } from './answers.ts';
import { keyBody } from './api-key-routes.ts';
import { limitBody, limitSchema } from './limit-routes.ts';
import { projectBody, projectSchema, projectUpdateBody } from './project-routes.ts';
import { projectUserBody, projectUserRoleBody, projectUserSchema } from './project-user-routes.ts';
import { rateLimitBody } from './rate-limit-routes.ts';
import { page, type Operations } from './operation.ts';

const project = '/v1/organization/projects/{project_id}';
const limits = '/v1/organization/limits';

/** Projects, their keys and members, and limits. */
export const projectsOperations: Operations = {
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
};
