import type { FastifyRequest } from 'fastify';
/** Whose request it is, as the API key says. */
export interface Identity {
  keyId: string;
  projectId: string;
  organizationId: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route that needs a key; null on those that are open to all. */
    identity: Identity | null;
  }
}

/** The identity of a request that has passed authentication. */
export function identityOf(request: FastifyRequest): Identity {
  if (request.identity === null) throw new Error('the route is not behind authentication');
  return request.identity;
}
