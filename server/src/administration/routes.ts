import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import { acceptJsonBodies } from '../http/json-body.ts';
import { type AccessDependencies, requireAdminKey } from './access.ts';
import { adminKeyRoutes } from './admin-key-routes.ts';
import { apiKeyRoutes } from './api-key-routes.ts';
import { auditLogRoutes } from './audit-log-routes.ts';
import { projectRoutes } from './project-routes.ts';
import { rateLimitRoutes } from './rate-limit-routes.ts';
import { requestRoutes } from './request-routes.ts';
import { usageRoutes } from './usage-routes.ts';

export interface AdministrationDependencies extends AccessDependencies {
  kysely: Kysely<Tables>;
}

/** /v1/organization/…: OpenAI's administration API, within the organization of the admin key. */
export function administrationRoutes(app: FastifyInstance, dependencies: AdministrationDependencies): void {
  requireAdminKey(app, dependencies);
  // Clients say that they send JSON also where there is nothing to send, as to archive or delete.
  acceptJsonBodies(app, { emptyAllowed: true });
  app.addHook('preHandler', (request, _reply, done) => {
    for (const [param, id] of Object.entries(request.params ?? {})) {
      if (typeof id === 'string' && /^[\w.:-]{1,200}$/.test(id)) continue;
      return done(new ApiError('not_found', 'There is no object of this id.', { param }));
    }
    done();
  });
  projectRoutes(app, dependencies);
  apiKeyRoutes(app, dependencies);
  rateLimitRoutes(app, dependencies);
  adminKeyRoutes(app, dependencies);
  auditLogRoutes(app, dependencies);
  usageRoutes(app, dependencies);
  requestRoutes(app, dependencies);
}
