import type { Socket } from 'node:net';
import { ApiError } from '@weai/protocol/errors';
import { fastify, LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import { sendError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { newRequestId, requestIdOf } from './request-id.ts';
import { processingTimeHeader } from './request-log.ts';

/** A server without routes, whose limits hold also against clients that send slowly, too much or nonsense. */
export function createServer(
  config: Pick<Config, 'maxBodyBytes' | 'requestTimeoutMs'>,
  log: Logger,
): FastifyInstance {
  // What Fastify itself has to say below a warning (where it listens) the banner says better.
  const quieter = log.isLevelEnabled('info') && !log.isLevelEnabled('debug');
  const loggerInstance: FastifyBaseLogger = quieter ? log.child({}, { level: 'warn' }) : log;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.maxBodyBytes,
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: 75_000,
    http: {
      headersTimeout: Math.min(config.requestTimeoutMs, 20_000),
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 32 * 1024,
    },
    requestIdHeader: false,
    // Lines name their request themselves; a child for each request would be made for nothing.
    childLoggerFactory: (logger) => logger,
    genReqId: (request) => requestIdOf(request.headers),
    routerOptions: { maxParamLength: 512 },
    return503OnClosing: false,
    forceCloseConnections: true,
    clientErrorHandler: (error, socket) => answerRawly(error, socket),
    frameworkErrors: (error, request, reply) => {
      // No hook runs for what Fastify could not route.
      void reply.header('x-request-id', request.id).header(processingTimeHeader, 0);
      sendError(error, request, reply, log);
    },
  });
  app.decorateRequest('identity', null);
  return app;
}

/** Answers what Node could not read as a request, for which there is no `reply`. */
function answerRawly(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const answer = rawAnswers[error.code ?? ''] ?? {
    line: '400 Bad Request',
    error: new ApiError('invalid_request', 'The request is not valid HTTP.'),
  };
  const body = JSON.stringify(answer.error.body());
  socket.end(
    [
      `HTTP/1.1 ${answer.line}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${newRequestId()}`,
      `${processingTimeHeader}: 0`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

const rawAnswers: Record<string, { line: string; error: ApiError }> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    line: '408 Request Timeout',
    error: new ApiError('request_timeout', 'The request took too long to arrive.'),
  },
  HPE_HEADER_OVERFLOW: {
    line: '431 Request Header Fields Too Large',
    error: new ApiError('invalid_request', 'The request headers are larger than 32 KiB.'),
  },
};
