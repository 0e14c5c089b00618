import type { FastifyInstance } from 'fastify';
import type { ModelRegistry } from './registry.ts';

/** GET /v1/models and GET /v1/models/{id}. */
export function modelRoutes(app: FastifyInstance, { models }: { models: ModelRegistry }): void {
  app.get('/v1/models', () => ({ object: 'list', data: models.list() }));

  // A wildcard, since ids may contain slashes, as clients send them with and without percent-encoding.
  app.get<{ Params: { '*': string } }>('/v1/models/*', ({ params }) => models.get(params['*']));
}
