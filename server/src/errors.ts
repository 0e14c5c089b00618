import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ZodError } from 'zod';
import type { Logger } from './log.ts';

/** Fastify's own errors that a client can cause. Every other one is ours, and hidden behind a 500. */
const fastifyErrors: Record<string, (request: FastifyRequest) => ApiError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ({ routeOptions }) =>
    new ApiError(
      'request_too_large',
      `The request body is larger than the ${routeOptions.bodyLimit} bytes that this server accepts: send less.`,
    ),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new ApiError('unsupported_media_type', 'Send the body as JSON in UTF-8: Content-Type: application/json.'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new ApiError('invalid_request', 'The body does not have the length that Content-Length says.'),
  FST_ERR_MAX_PARAM_LENGTH: () => new ApiError('not_found', 'There is nothing with an id as long as that.'),
  FST_ERR_BAD_URL: () => new ApiError('invalid_request', 'The URL is not validly encoded.'),
};

/** SQLSTATEs of a server that ends, begins or has no room for another connection, or that can't be reached. */
const databaseAway = /^(08\w{3}|57P0[1-3]|53300)$/;
/** What pg says when a connection breaks or isn't made in time; these have no code. */
const connectionLost =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** Whether a query failed because the database is away. Connections to anything else fail with an ApiError. */
function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = Object.assign({ code: '', syscall: '' }, error);
  return databaseAway.test(code) || syscall === 'connect' || connectionLost.test(error.message);
}

/** Any error as one that a client may see. What isn't meant for clients becomes `internal_error` and its cause. */
function translateError(error: unknown, request: FastifyRequest): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof ZodError) {
    const issue = error.issues[0];
    const param = issue === undefined || issue.path.length === 0 ? null : issue.path.map(String).join('.');
    return new ApiError('invalid_value', `${issue?.message ?? 'A value is not valid'}.`, {
      param,
      cause: error,
    });
  }
  if (isDatabaseAway(error)) {
    const message = 'The database of this server is away: try again shortly.';
    return new ApiError('database_unavailable', message, { retryAfterSeconds: 1, cause: error });
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return (
    fastifyErrors[code]?.(request) ??
    new ApiError(
      'internal_error',
      'Something failed inside the server: try again; if it goes on, report the x-request-id.',
      {
        cause: error,
      },
    )
  );
}

/** Answers with an error, in the API's shape, and logs the cause of one that is the server's fault. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  const translated = translateError(error, request);
  if (translated.status >= 500) {
    const level = translated.code === 'internal_error' ? 'error' : 'warn';
    log[level]({ requestId: request.id, code: translated.code, err: translated.cause }, translated.message);
  }
  if (translated.retryAfterSeconds !== undefined)
    void reply.header('retry-after', translated.retryAfterSeconds);
  if (translated.status === 413) void reply.header('connection', 'close');
  void reply.code(translated.status).send(translated.body());
}

/** Makes every error of the app leave in the same shape. */
export function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, log));
}
