import type { FastifyRequest } from 'fastify';

/** Where the client found this server, without a slash at the end, as far as its request tells. */
export function ownUrl(request: FastifyRequest): string {
  const url = URL.parse(`http://${request.headers.host ?? ''}`);
  return url === null ? 'http://localhost' : url.origin;
}
