/**
 * The error catalogue: one row per code that WeAI can answer with, in the shape of the OpenAI API.
 * Server and engine throw `ApiError`; whoever answers writes `error.body()`.
 */
const catalogue = {
  invalid_request: { status: 400, type: 'invalid_request_error' },
  invalid_json: { status: 400, type: 'invalid_request_error' },
  invalid_type: { status: 400, type: 'invalid_request_error' },
  invalid_value: { status: 400, type: 'invalid_request_error' },
  missing_required_parameter: { status: 400, type: 'invalid_request_error' },
  unknown_parameter: { status: 400, type: 'invalid_request_error' },
  unsupported_parameter: { status: 400, type: 'invalid_request_error' },
  unsupported_value: { status: 400, type: 'invalid_request_error' },
  context_length_exceeded: { status: 400, type: 'invalid_request_error' },
  csrf_failed: { status: 403, type: 'invalid_request_error' },
  insufficient_permissions: { status: 403, type: 'invalid_request_error' },
  invalid_api_key: { status: 401, type: 'invalid_request_error' },
  invalid_credentials: { status: 401, type: 'invalid_request_error' },
  session_expired: { status: 401, type: 'invalid_request_error' },
  missing_api_key: { status: 401, type: 'invalid_request_error' },
  not_found: { status: 404, type: 'invalid_request_error' },
  model_not_found: { status: 404, type: 'invalid_request_error' },
  unknown_url: { status: 404, type: 'invalid_request_error' },
  method_not_allowed: { status: 405, type: 'invalid_request_error' },
  request_timeout: { status: 408, type: 'invalid_request_error' },
  conflict: { status: 409, type: 'invalid_request_error' },
  version_conflict: { status: 409, type: 'invalid_request_error' },
  request_too_large: { status: 413, type: 'invalid_request_error' },
  unsupported_media_type: { status: 415, type: 'invalid_request_error' },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error' },
  insufficient_quota: { status: 429, type: 'insufficient_quota' },
  internal_error: { status: 500, type: 'server_error' },
  engine_error: { status: 502, type: 'server_error' },
  engine_crashed: { status: 502, type: 'server_error' },
  engine_overloaded: { status: 503, type: 'server_error' },
  engine_unavailable: { status: 503, type: 'server_error' },
  sign_in_unavailable: { status: 503, type: 'server_error' },
  database_unavailable: { status: 503, type: 'server_error' },
  ledger_unavailable: { status: 503, type: 'server_error' },
  server_draining: { status: 503, type: 'server_error' },
  engine_timeout: { status: 504, type: 'server_error' },
  loop_detected: { status: 508, type: 'server_error' },
} as const satisfies Record<string, { status: number; type: string }>;

export type ErrorCode = keyof typeof catalogue;

/** All codes, in the order of their status. */
export const errorCodes = Object.keys(catalogue) as ErrorCode[];

/** The body of every error answer and of every error event in a stream: always all four fields. */
export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null };
}

interface ApiErrorOptions {
  /** Path of the offending field, as in `messages.0.content`. */
  param?: string | null;
  /** Value of the `Retry-After` header, in seconds. */
  retryAfterSeconds?: number;
  /** What went wrong inside: for the log, never for the client. */
  cause?: unknown;
}

/** An error whose message may be shown to the client. The message says what to do next. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: ApiErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ApiError';
    this.code = code;
    this.status = catalogue[code].status;
    this.type = catalogue[code].type;
    this.param = options.param ?? null;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  body(): ErrorBody {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } };
  }
}
