import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AllowedMethods } from './methods.ts';

/**
 * Answers 404 where no route is, and says which path may have been meant: base URLs without `/v1` or with a slash at the end
 * are the commonest mistake. They are not put right in silence, since a proxy before this server may judge by the path.
 */
export function answerUnknownPaths(app: FastifyInstance, known: AllowedMethods): void {
  // The router takes nothing at all for an id.
  app.addHook('onRequest', (request, _reply, done) => {
    const isApi = request.routeOptions.url?.startsWith('/v1/') === true;
    done(isApi && pathOf(request).endsWith('/') ? unknownUrl(request, known) : undefined);
  });
  app.setNotFoundHandler((request) => {
    throw unknownUrl(request, known);
  });
}

function unknownUrl(request: FastifyRequest, known: AllowedMethods): ApiError {
  const path = pathOf(request);
  const shown = path.length > 100 ? `${path.slice(0, 99)}…` : path;
  const tidy = path.replaceAll(/\/{2,}/g, '/').replace(/\/$/, '');
  const meant = [tidy, `/v1${tidy}`, tidy.replace(/^\/v1/, '')].find(
    (each) => each !== path && known.has(each),
  );
  const advice = meant === undefined ? '' : ` Did you mean ${meant}?`;
  return new ApiError('unknown_url', `Unknown request URL: ${request.method} ${shown}.${advice}`);
}

function pathOf(request: FastifyRequest): string {
  const end = request.url.search(/[?#]/);
  return end === -1 ? request.url : request.url.slice(0, end);
}
