import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Answers 405 with `Allow` where a path exists but not for that method (RFC 9110, section 15.5.6).
 * Call it before the routes are mounted; it acts when all of them are.
 */
export function refuseOtherMethods(app: FastifyInstance): void {
  const allowed = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = allowed.get(url) ?? new Set();
    for (const name of [method].flat()) known.add(name);
    allowed.set(url, known);
  });
  app.after(() => {
    for (const [url, known] of new Map(allowed)) {
      const allow = [...known].join(', ');
      const others = methods.filter((method) => !known.has(method));
      app.route({
        method: others,
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
