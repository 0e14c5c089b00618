import type { FastifyInstance } from 'fastify';
import { modelNotFound } from './inventory.ts';
import type { ModelRegistry } from './registry.ts';

/** GET /v1/models and GET /v1/models/{id}. */
export function modelRoutes(app: FastifyInstance, { models }: { models: ModelRegistry }): void {
  app.get('/v1/models', () => ({ object: 'list', data: models.list() }));

  // A wildcard, since ids may contain slashes, as clients send them with and without percent-encoding.
  app.get<{ Params: { '*': string } }>('/v1/models/*', ({ params }) => {
    const id = params['*'];
    if (id === '') throw modelNotFound(id);
    return models.get(id);
  });
}
