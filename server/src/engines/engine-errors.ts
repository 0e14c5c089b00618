import { ApiError, type ErrorCode } from '@weai/protocol/errors';
import type { Deployment } from './deployment.ts';
import { kinds } from './kinds.ts';

/** Codes of the catalogue that an engine's refusal of a request may keep. */
const passedCodes: readonly ErrorCode[] = [
  'context_length_exceeded',
  'invalid_value',
  'invalid_type',
  'missing_required_parameter',
  'unknown_parameter',
  'unsupported_parameter',
  'unsupported_value',
];

/** What an operator has to look for. */
export const loopMessage =
  'This request came round in a circle: one of the engines connected for this model is a WeAI server that asks this one.';

/** Whether another deployment may succeed where this error came from: it says nothing about the request or this server. */
export function isEngineFailure(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status >= 500 && error.code !== 'server_draining';
}

/**
 * What an engine's answer other than 200 means for the client. A refusal of the request keeps its message;
 * a refusal of us (401, 403, 404) is the operator's matter and only logged.
 * @param body the answer's text, perhaps cut.
 */
export function errorFromAnswer(
  deployment: Deployment,
  status: number,
  body: string,
  retryAfter: string | undefined,
): ApiError {
  const cause = new Error(`${deployment.id} answered ${status}: ${body.slice(0, 500)}`);
  if (status === 429 || status === 503) {
    return new ApiError('engine_overloaded', 'The model is busy. Try again shortly.', {
      retryAfterSeconds: retryAfterSeconds(retryAfter),
      cause,
    });
  }
  if (status === 504) return new ApiError('engine_timeout', 'The model took too long to answer.', { cause });
  if (status === 508) return new ApiError('loop_detected', loopMessage, { cause });
  const refused = status === 400 || status === 413 || status === 422;
  if (refused) return refusal(deployment, describe(parsed(body)), cause);
  return new ApiError('engine_error', 'The engine that serves this model failed. Try again.', { cause });
}

/** What an `error` event in a stream means. */
export function errorFromEvent(deployment: Deployment, error: unknown): ApiError {
  const described = describe({ error });
  const cause = new Error(`${deployment.id} sent an error: ${JSON.stringify(error).slice(0, 500)}`);
  if (passedCode(described) !== undefined) return refusal(deployment, described, cause);
  if (described.code === 'engine_overloaded') {
    return new ApiError('engine_overloaded', 'The model is busy. Try again shortly.', {
      retryAfterSeconds: 1,
      cause,
    });
  }
  return new ApiError('engine_error', 'The engine that serves this model failed. Try again.', { cause });
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const timedOut = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
const cutOff = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** What a failed connection means, by the code that Node or undici gives. */
export function errorFromConnection(cause: Error): ApiError {
  const code = 'code' in cause ? String(cause.code) : '';
  if (unreachable.has(code)) {
    return new ApiError(
      'engine_unavailable',
      'The engine that serves this model is not running. Try again shortly.',
      {
        retryAfterSeconds: 1,
        cause,
      },
    );
  }
  if (timedOut.has(code)) {
    return new ApiError('engine_timeout', 'The model took too long to answer.', { cause });
  }
  if (cutOff.has(code)) {
    return new ApiError(
      'engine_crashed',
      'The engine that serves this model stopped in the middle. Try again.',
      {
        cause,
      },
    );
  }
  return new ApiError('engine_error', 'The engine that serves this model failed. Try again.', { cause });
}

interface Described {
  message: string;
  code: string | null;
  type: string | null;
  param: string | null;
}

function refusal(deployment: Deployment, described: Described, cause: Error): ApiError {
  const { message, param } = described;
  const overflow = kinds[deployment.kind].contextOverflow;
  if (
    described.code === 'context_length_exceeded' ||
    (overflow !== null && overflow.test(`${described.type ?? ''} ${message}`))
  ) {
    return new ApiError('context_length_exceeded', message, { param: param ?? 'messages', cause });
  }
  return new ApiError(passedCode(described) ?? 'invalid_request', message, { param, cause });
}

function passedCode(described: Described): ErrorCode | undefined {
  return passedCodes.find((code) => code === described.code);
}

function nonEmpty(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Reads OpenAI's shape, and the flat one that FastAPI servers have. */
function describe(body: unknown): Described {
  const outer = isRecord(body) ? body : {};
  const inner = isRecord(outer['error']) ? outer['error'] : outer;
  return {
    message:
      nonEmpty(inner['message']) ??
      nonEmpty(outer['error']) ??
      nonEmpty(outer['detail']) ??
      'The engine that serves this model refused the request.',
    code: nonEmpty(inner['code']),
    type: nonEmpty(inner['type']),
    param: nonEmpty(inner['param']),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function retryAfterSeconds(header: string | undefined): number {
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(Math.ceil(seconds), 60) : 1;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
