import { adminKeyBody } from './admin-key-routes.ts';
import { adminKeySchema, auditLogSchema, deletionOf, newAdminKeySchema, pageOf } from './answers.ts';
import { inviteBody, inviteSchema } from './invite-routes.ts';
import { userRoleBody, userSchema } from './user-routes.ts';
import { page, type Operations } from './operation.ts';

/** Members, invitations, admin keys and what all of them did. */
export const peopleOperations: Operations = {
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
};
