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

/** An answer that has ended. */
export interface EndedAnswer {
  method: string;
  /** As it was declared, so that nothing a client wrote gets into logs and labels; null where there is none. */
  route: string | null;
  status: number;
  /** Whether the client went before it was sent in full. */
  disconnected: boolean;
}

/**
 * Puts the request's id and its time on every answer, and writes one line to the log when the answer has ended.
 * @param onEnded is told then as well: one listener for both, since every request pays for each.
 */
export function logRequests(
  app: FastifyInstance,
  log: Logger,
  onEnded: (answer: EndedAnswer) => void = () => undefined,
): void {
  // Nothing in this line can be a key, and looking for keys in it takes longer than writing it.
  const lines = log.child({}, { redact: [] });
  app.addHook('onRequest', (request, reply, done) => {
    const startMs = performance.now();
    void reply.header('x-request-id', request.id);
    reply.raw.once('close', () => {
      const { method } = request;
      const route = request.routeOptions.url ?? null;
      const status = reply.raw.statusCode;
      const disconnected = !reply.raw.writableFinished;
      onEnded({ method, route, status, disconnected });
      lines.info(
        {
          requestId: request.id,
          method,
          route,
          status,
          durationMs: Math.round((performance.now() - startMs) * 10) / 10,
          ...(request.identity
            ? { keyId: request.identity.keyId, projectId: request.identity.projectId }
            : {}),
          ...request.logged,
          ...(disconnected ? { disconnected } : {}),
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
