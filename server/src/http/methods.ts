import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Path pattern → the methods that it is mounted for. */
export type AllowedMethods = Map<string, Set<string>>;

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route: what `collectMethods` took down. */
    allowedMethods: AllowedMethods;
  }
}

/** Takes down every route that is mounted from now on. */
export function collectMethods(app: FastifyInstance): AllowedMethods {
  const allowed: AllowedMethods = new Map();
  app.decorate('allowedMethods', allowed);
  app.addHook('onRoute', ({ url, method }) => {
    const known = allowed.get(url) ?? new Set();
    for (const name of [method].flat()) known.add(name);
    allowed.set(url, known);
  });
  return allowed;
}

/**
 * Answers 405 with `Allow` where a path exists but not for that method (RFC 9110, section 15.5.6).
 * Call it when all routes are mounted.
 */
export function refuseOtherMethods(app: FastifyInstance, allowed: AllowedMethods): void {
  app.after(() => {
    for (const [url, known] of new Map(allowed)) {
      const allow = [...known].join(', ');
      app.route({
        method: methods.filter((method) => !known.has(method)),
        url,
        onRequest: (request, reply, done) => {
          void reply.header('allow', allow);
          done(new ApiError('method_not_allowed', `${request.method} is not allowed here; use ${allow}.`));
        },
        handler: () => undefined,
      });
    }
  });
}
