import { ApiError } from '@weai/protocol/errors';
import type { FastifyRequest } from 'fastify';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Throws ApiError csrf_failed when a browser says that a page of another site sends this. The scheme isn't compared: a proxy that
 * speaks TLS hides it, and a site that shares the host shares the cookie too.
 */
export function refuseOtherOrigins(request: FastifyRequest, publicUrl: string | null): void {
  if (safeMethods.has(request.method)) return;
  const { origin, host } = request.headers;
  if (request.headers['sec-fetch-site'] === 'cross-site')
    throw csrfFailed('This request comes from another site.');
  if (origin === undefined) return;
  const from = URL.parse(origin)?.host;
  const ours = [host, ...(publicUrl === null ? [] : [URL.parse(publicUrl)?.host])];
  if (from === undefined || !ours.includes(from)) {
    throw csrfFailed(
      `This request comes from another site. If that is this server, set WEAI_PUBLIC_URL to its address.`,
    );
  }
}

/** Throws ApiError csrf_failed for an unsafe request by cookie that a form of another site could have sent. */
export function refuseForgeable(request: FastifyRequest, publicUrl: string | null): void {
  if (safeMethods.has(request.method)) return;
  refuseOtherOrigins(request, publicUrl);
  if (request.headers['x-weai-csrf'] !== '1') {
    throw csrfFailed('A request by session needs the header x-weai-csrf: 1.');
  }
}

function csrfFailed(message: string): ApiError {
  return new ApiError('csrf_failed', message);
}
