import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Whose request it is, as the API key or the session says. */
export interface Identity {
  /** What usage is counted under: the API key or, for a session, the user. */
  keyId: string;
  projectId: string;
  organizationId: string;
  /** Set for a request by session. */
  session?: { id: string; userId: string };
}

/** Who can tell whose session it is. */
export interface SessionGate {
  /** Whether a request carries a session cookie, of whatever worth. */
  presents(request: FastifyRequest): boolean;
  /** Whether a request carries a stream ticket of a session, of whatever worth, to a route that takes them. */
  presentsTicket(request: FastifyRequest): boolean;
  /** The identity behind either, if it may do what the route does. Rejects with ApiError. */
  identify(request: FastifyRequest): Promise<Identity>;
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

/**
 * Requires an API key (`Authorization: Bearer …`) or, without one, a session on every route mounted on `app` after this; the console's
 * streams send a ticket of theirs in the key's place. A header Authorization, of whatever worth, decides alone: a second credential
 * never helps a bad one.
 */
export function authenticate(app: FastifyInstance, keys: KeyRing, sessions?: SessionGate): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (sessions !== undefined && (sessions.presentsTicket(request) || isBySession(request, sessions))) {
      void settle(sessions.identify(request), (identity) => (request.identity = identity), done);
      return;
    }
    try {
      request.identity = identify(request, keys);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error('authentication threw no error', { cause: error }));
    }
  });
}

/** Takes what a promise gives and calls back: hooks that seldom wait don't return promises, which the others would pay for. */
export async function settle<Value>(
  promise: Promise<Value>,
  take: (value: Value) => void,
  done: (error?: Error) => void,
): Promise<void> {
  try {
    take(await promise);
  } catch (error) {
    done(error instanceof Error ? error : new Error('authentication threw no error', { cause: error }));
    return;
  }
  done();
}

/** Whether a request has no header Authorization but a session cookie. */
export function isBySession(request: FastifyRequest, sessions: Pick<SessionGate, 'presents'>): boolean {
  return (
    request.headers.authorization === undefined &&
    request.headers.cookie !== undefined &&
    sessions.presents(request)
  );
}

/** The identity of a request that has passed authentication. */
export function identityOf(request: FastifyRequest): Identity {
  if (request.identity === null) throw new Error('the route is not behind authentication');
  return request.identity;
}

function identify(request: FastifyRequest, keys: KeyRing): Identity {
  const key = bearerKey(request);
  const identity = keys.find(key);
  if (identity === null) throw unknownKey(key, 'weai keys create');
  return identity;
}

/** An unknown key, as OpenAI's API says it. @param command what makes a key of the kind that is needed. */
export function unknownKey(key: string, command: string): ApiError {
  return new ApiError(
    'invalid_api_key',
    `Incorrect API key provided: ${redactKey(key)}. Make one with: ${command}`,
  );
}

/** The key that a request carries. Throws ApiError missing_api_key or invalid_api_key. */
export function bearerKey(request: FastifyRequest, firstKeyFile = 'api-key'): string {
  // Node keeps only the first of two such headers, while a proxy before us may have checked the other.
  const names = request.raw.rawHeaders.filter((text, at) => at % 2 === 0 && isAuthorization(text));
  if (names.length > 1) {
    throw new ApiError('invalid_api_key', 'The request has more than one Authorization header: send one.');
  }
  const header = request.headers.authorization ?? '';
  if (header === '') {
    throw new ApiError(
      'missing_api_key',
      `You didn't provide an API key. Send it as a header: Authorization: Bearer YOUR_KEY. The first key is in the file ${firstKeyFile} of the server's data directory.`,
    );
  }
  const key = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  if (key === undefined) {
    throw new ApiError('invalid_api_key', 'The Authorization header must have the form: Bearer YOUR_KEY.');
  }
  if (key.length > longestKey) throw new ApiError('invalid_api_key', 'The API key is too long to be one.');
  return key;
}

function isAuthorization(name: string): boolean {
  return name.length === 'authorization'.length && name.toLowerCase() === 'authorization';
}

/** A key as it may appear in a message: the first and last characters of a long one, else stars alone. */
export function redactKey(key: string): string {
  const printable = key.replaceAll(/[^\x21-\x7e]/g, '?');
  if (printable.length < 32) return '*'.repeat(Math.min(printable.length, 8));
  return `${printable.slice(0, 12)}${'*'.repeat(8)}${printable.slice(-4)}`;
}
