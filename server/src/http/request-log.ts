import type { FastifyInstance } from 'fastify';
import type { Logger } from '../log.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What a feature adds to the log's line: names and counts of this server, never what a client or a model wrote. */
    logged?: Readonly<Record<string, string | number | null>>;
  }
}

/** Milliseconds until the answer began, as OpenAI calls it. */
export const processingTimeHeader = 'openai-processing-ms';

/**
 * Puts the request's id and its time on every answer, and writes one line to the log when the answer has ended.
 * The line names the route, not the URL, so that nothing a client wrote gets into the log.
 */
export function logRequests(app: FastifyInstance, log: Logger): void {
  // Nothing in this line can be a key, and looking for keys in it takes longer than writing it.
  const lines = log.child({}, { redact: [] });
  app.addHook('onRequest', (request, reply, done) => {
    const startMs = performance.now();
    void reply.header('x-request-id', request.id);
    reply.raw.once('close', () => {
      lines.info(
        {
          requestId: request.id,
          method: request.method,
          route: request.routeOptions.url ?? null,
          status: reply.raw.statusCode,
          durationMs: Math.round((performance.now() - startMs) * 10) / 10,
          ...(request.identity
            ? { keyId: request.identity.keyId, projectId: request.identity.projectId }
            : {}),
          ...request.logged,
          ...(reply.raw.writableFinished ? {} : { disconnected: true }),
        },
        'request',
      );
    });
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (!reply.hasHeader(processingTimeHeader)) {
      void reply.header(processingTimeHeader, Math.round(reply.elapsedTime));
    }
    done(null, payload);
  });
}
