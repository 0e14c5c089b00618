import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import type { Metrics } from './metrics.ts';

export type MetricsAccess = Pick<Config, 'host' | 'metricsToken'>;

/**
 * GET /metrics for Prometheus. Who may read it: whoever has the token when WEAI_METRICS_TOKEN is set; without one
 * everybody while the server listens on loopback, else nobody. API keys don't open it: they belong to single projects,
 * and this tells of all.
 */
export function metricsRoutes(
  app: FastifyInstance,
  { metrics, config: { host, metricsToken } }: { metrics: Metrics; config: MetricsAccess },
): void {
  app.get('/metrics', async (request, reply) => {
    if (metricsToken !== null) checkToken(request.headers.authorization, metricsToken);
    else if (!isLoopback(host)) {
      throw new ApiError(
        'missing_api_key',
        'This server is open to the network: set WEAI_METRICS_TOKEN on it, and send that as a bearer token.',
      );
    }
    void reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
}

function checkToken(authorization: string | undefined, token: string): void {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  if (timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`))) return;
  throw new ApiError(
    authorization === undefined ? 'missing_api_key' : 'invalid_api_key',
    "Metrics need the token in this server's WEAI_METRICS_TOKEN, sent as a header: Authorization: Bearer TOKEN.",
  );
}

/** Whether only this machine reaches a server that listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
