import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { RequestSpan, Tracing } from './trace.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set while traces are on. */
    span?: RequestSpan;
  }
}

/**
 * Tracing as configured: null without OTEL_EXPORTER_OTLP_ENDPOINT. The OpenTelemetry packages are loaded only then:
 * that takes a quarter of a second, which every other start is spared.
 */
export async function openTracing(
  { otlpEndpoint }: Pick<Config, 'otlpEndpoint'>,
  log: Logger,
): Promise<Tracing | null> {
  if (otlpEndpoint === null) return null;
  const { OpenTelemetry } = await import('./open-telemetry.ts');
  return new OpenTelemetry(otlpEndpoint, log);
}

/** Gives every request on `app` a span, which ends with its answer. */
export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  app.addHook('onRequest', (request, reply, done) => {
    const span = tracing.begin({
      id: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      headers: request.headers,
    });
    request.span = span;
    reply.raw.once('close', () => span.end(reply.raw.statusCode, !reply.raw.writableFinished));
    done();
  });
}
