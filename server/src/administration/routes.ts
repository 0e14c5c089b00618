import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import type { Config } from '../config.ts';
import type { Changes } from '../db/changes.ts';
import type { Tables } from '../db/tables.ts';
import { answerOnce, type IdempotencyOptions } from '../http/idempotency/idempotency.ts';
import { acceptJsonBodies } from '../http/json-body.ts';
import { type AccessDependencies, administratorOf, requireAdministrator } from './access.ts';
import { adminKeyRoutes } from './admin-key-routes.ts';
import { apiKeyRoutes } from './api-key-routes.ts';
import { auditLogRoutes } from './audit-log-routes.ts';
import { type DeploymentAdministration, deploymentRoutes } from './deployment-routes.ts';
import { limitRoutes } from './limit-routes.ts';
import { type ModelAdministration, modelAdministrationRoutes } from './model-routes.ts';
import { inviteRoutes } from './invite-routes.ts';
import { projectUserRoutes } from './project-user-routes.ts';
import { projectRoutes } from './project-routes.ts';
import { rateLimitRoutes } from './rate-limit-routes.ts';
import { requestRoutes } from './request-routes.ts';
import { usageRoutes } from './usage-routes.ts';
import { usageSummaryRoutes } from './usage-summary-routes.ts';
import { userRoutes } from './user-routes.ts';

export interface AdministrationDependencies extends AccessDependencies {
  kysely: Kysely<Tables>;
  config?: Pick<Config, 'publicUrl'>;
  /** Idempotency-Key means nothing when left out. */
  idempotency?: Pick<IdempotencyOptions, 'store' | 'log'>;
  /** Changes are not waited for when left out. */
  changes?: Pick<Changes, 'caughtUp'>;
  /** There are no routes for models and deployments when left out. */
  modelAdministration?: ModelAdministration & DeploymentAdministration;
}

/** Names of models and deployments have slashes, encoded or not. */
const withSlashes = ['model_id', '*'];

/** /v1/organization/…: OpenAI's administration API, within the organization of the admin key or the session. */
export function administrationRoutes(app: FastifyInstance, dependencies: AdministrationDependencies): void {
  requireAdministrator(app, dependencies);
  // Clients say that they send JSON also where there is nothing to send, as to archive or delete.
  acceptJsonBodies(app, { emptyAllowed: true });
  app.addHook('preHandler', (request, _reply, done) => {
    for (const [param, id] of Object.entries(request.params ?? {})) {
      const pattern = withSlashes.includes(param) ? /^[\w.:/-]{1,200}$/ : /^[\w.:-]{1,200}$/;
      if (typeof id === 'string' && pattern.test(id)) continue;
      const named = param === '*' ? 'deployment_id' : param;
      return done(new ApiError('not_found', 'There is no object of this id.', { param: named }));
    }
    done();
  });
  const { idempotency } = dependencies;
  if (idempotency) {
    const ownerOf = (request: FastifyRequest) => administratorOf(request).keyId;
    answerOnce(app, { ...idempotency, ownerOf, keptOf: withoutSecrets });
  }
  // What was changed holds here when its answer comes: a key that was just made is known.
  app.addHook('onSend', async (request, reply) => {
    if (!['GET', 'HEAD'].includes(request.method) && reply.statusCode < 400) {
      await dependencies.changes?.caughtUp();
    }
  });
  projectRoutes(app, dependencies);
  projectUserRoutes(app, dependencies);
  userRoutes(app, dependencies);
  inviteRoutes(app, { kysely: dependencies.kysely, publicUrl: dependencies.config?.publicUrl ?? null });
  apiKeyRoutes(app, dependencies);
  rateLimitRoutes(app, dependencies);
  limitRoutes(app, dependencies);
  adminKeyRoutes(app, dependencies);
  auditLogRoutes(app, dependencies);
  usageRoutes(app, dependencies);
  usageSummaryRoutes(app, dependencies);
  requestRoutes(app, dependencies);
  const { kysely, modelAdministration } = dependencies;
  if (modelAdministration) {
    modelAdministrationRoutes(app, { kysely, ...modelAdministration });
    deploymentRoutes(app, { kysely, ...modelAdministration });
  }
}

/** What is shown once, a key or the link of an invitation, is not kept for whoever asks again: they get the rest. */
function withoutSecrets(body: Buffer): Buffer {
  const { value: _value, ...answer } = Object.assign({ object: '', value: '' }, JSON.parse(String(body)));
  if (answer.object === 'organization.invite') delete answer.url;
  return Buffer.from(JSON.stringify(answer));
}
