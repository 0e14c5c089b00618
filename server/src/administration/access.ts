import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Actor } from '../audit/audit.ts';
import { bearerKey, type KeyRing, unknownKey } from '../http/authentication.ts';
import type { Administrator } from './admin-keys.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on the routes of administration, null elsewhere. */
    administrator: Administrator | null;
  }
}

export interface AccessDependencies {
  adminKeys: { find(key: string): Administrator | null };
  keys: KeyRing;
}

/** Requires an admin key on every route mounted on `app` after this; a project's key is told apart from a wrong one. */
export function requireAdminKey(app: FastifyInstance, { adminKeys, keys }: AccessDependencies): void {
  app.decorateRequest('administrator', null);
  app.addHook('onRequest', (request, _reply, done) => {
    try {
      request.administrator = identify(request);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error('authentication threw no error', { cause: error }));
    }
  });

  function identify(request: FastifyRequest): Administrator {
    const key = bearerKey(request, 'admin-key');
    const administrator = adminKeys.find(key);
    if (administrator !== null) return administrator;
    if (keys.find(key) === null) throw unknownKey(key, 'weai admin-keys create');
    throw new ApiError(
      'insufficient_permissions',
      "You have insufficient permissions for this operation: this is a project's key, and it needs an admin key. Make one with: weai admin-keys create",
    );
  }
}

/** Who administers, of a request that has passed `requireAdminKey`. */
export function administratorOf(request: FastifyRequest): Administrator {
  if (request.administrator === null) throw new Error('the route is not behind an admin key');
  return request.administrator;
}

/** The same as the one who did something, for the audit log. */
export function actorOf(request: FastifyRequest): Actor {
  return { kind: 'api_key', id: administratorOf(request).keyId };
}
