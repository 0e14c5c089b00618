import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Whose request it is, as the API key says. */
export interface Identity {
  keyId: string;
  projectId: string;
  organizationId: string;
}

/** Who can tell whose key it is: an active key's identity, else null. */
export interface KeyRing {
  find(key: string): Identity | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route that needs a key; null on those that are open to all. */
    identity: Identity | null;
  }
}

const longestKey = 512;

/** Requires an API key (`Authorization: Bearer …`) on every route mounted on `app` after this. */
export function authenticate(app: FastifyInstance, keys: KeyRing): void {
  app.addHook('onRequest', (request, _reply, done) => {
    try {
      request.identity = identify(request, keys);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error('authentication threw no error', { cause: error }));
    }
  });
}

/** The identity of a request that has passed authentication. */
export function identityOf(request: FastifyRequest): Identity {
  if (request.identity === null) throw new Error('the route is not behind authentication');
  return request.identity;
}

function identify(request: FastifyRequest, keys: KeyRing): Identity {
  // Node keeps only the first of two such headers, while a proxy before us may have checked the other.
  const sent = request.raw.headersDistinct['authorization'] ?? [];
  if (sent.length > 1) {
    throw new ApiError('invalid_api_key', 'The request has more than one Authorization header: send one.');
  }
  const header = sent[0] ?? '';
  if (header === '') {
    throw new ApiError(
      'missing_api_key',
      "You didn't provide an API key. Send it as a header: Authorization: Bearer YOUR_KEY. The first key is in the file api-key of the server's data directory.",
    );
  }
  const key = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  if (key === undefined) {
    throw new ApiError('invalid_api_key', 'The Authorization header must have the form: Bearer YOUR_KEY.');
  }
  const identity = key.length > longestKey ? null : keys.find(key);
  if (identity === null) {
    throw new ApiError(
      'invalid_api_key',
      `Incorrect API key provided: ${redactKey(key.slice(0, longestKey))}. Make one with: weai keys create`,
    );
  }
  return identity;
}

/** A key as it may appear in a message: the first and last characters of a long one, else stars alone. */
export function redactKey(key: string): string {
  const printable = key.replaceAll(/[^\x21-\x7e]/g, '?');
  if (printable.length < 32) return '*'.repeat(Math.min(printable.length, 8));
  return `${printable.slice(0, 12)}${'*'.repeat(8)}${printable.slice(-4)}`;
}
