import type { FastifyInstance } from 'fastify';
import { type Identity, identityOf } from '../http/authentication.ts';
import { modelNotFound } from './inventory.ts';
import type { ModelObject, ModelRegistry } from './registry.ts';

export interface ModelDependencies {
  models: ModelRegistry;
  /** Whether somebody may use a model that goes by one of these names; all may when left out. */
  mayUse?: (identity: Identity, names: readonly string[]) => boolean;
}

/** GET /v1/models and GET /v1/models/{id}: what the limits of the key, its project and organization allow. */
export function modelRoutes(app: FastifyInstance, { models, mayUse }: ModelDependencies): void {
  const isShown = (identity: Identity, { id, weai }: ModelObject): boolean =>
    mayUse?.(identity, [id, weai.served_by?.model ?? id]) ?? true;

  app.get('/v1/models', (request) => {
    const identity = identityOf(request);
    return { object: 'list', data: models.list().filter((model) => isShown(identity, model)) };
  });

  // A wildcard, since ids may contain slashes, as clients send them with and without percent-encoding.
  app.get<{ Params: { '*': string } }>('/v1/models/*', (request) => {
    const { '*': id } = request.params;
    const model = models.get(id);
    if (!isShown(identityOf(request), model)) throw modelNotFound(id);
    return model;
  });
}
