import { ApiError } from '@weai/protocol/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Auth, clientAddressHeader } from './auth.ts';

/** What better-auth answered, not yet sent. */
export interface AuthAnswer {
  status: number;
  cookies: string[];
  /** Where a browser is sent. */
  location: string | null;
  body: unknown;
}

/**
 * Asks better-auth on behalf of a request. Only what it needs is passed on.
 * @param path below /auth, with its query. Throws ApiError for every answer that is an error.
 */
export async function askAuth(
  auth: Auth,
  request: FastifyRequest,
  { method, path, body }: { method: 'GET' | 'POST'; path: string; body?: object },
): Promise<AuthAnswer> {
  const { host = 'localhost', cookie, 'user-agent': userAgent } = request.headers;
  const url = URL.parse(`http://${host}/auth${path}`);
  if (url === null) throw new ApiError('invalid_request', 'The header Host is not valid.');
  const headers = new Headers({ [clientAddressHeader]: request.ip, host: url.host });
  if (cookie !== undefined) headers.set('cookie', cookie);
  if (userAgent !== undefined) headers.set('user-agent', userAgent);
  if (body !== undefined) headers.set('content-type', 'application/json');
  const answer = await auth.handler(
    new Request(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
  );
  const text = await answer.text();
  const parsed: unknown = text !== '' && isJson(answer) ? JSON.parse(text) : null;
  if (answer.status >= 400) throw translate(answer.status, parsed);
  return {
    status: answer.status,
    cookies: answer.headers.getSetCookie(),
    location: answer.headers.get('location'),
    body: parsed,
  };
}

/** Whether better-auth knows no such provider: it could not get its description. */
export function isProviderMissing(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.cause instanceof Error &&
    error.cause.message.includes('PROVIDER_NOT_FOUND')
  );
}

/** Puts the cookies of an answer on ours, which no cache may keep. */
export function passCookies(reply: FastifyReply, { cookies }: Pick<AuthAnswer, 'cookies'>): void {
  if (cookies.length > 0) void reply.header('set-cookie', cookies);
  void reply.header('cache-control', 'no-store');
}

function isJson(answer: Response): boolean {
  return answer.headers.get('content-type')?.startsWith('application/json') ?? false;
}

/** better-auth's error as ours. */
function translate(status: number, body: unknown): ApiError {
  const { code, message } = Object.assign({ code: '', message: '' }, body);
  const known = errors[code];
  if (known !== undefined) return known();
  const cause = new Error(`better-auth answered ${status} ${code} ${message}`);
  if (status >= 500)
    return new ApiError('sign_in_unavailable', 'Sign-in does not work right now: try again.', { cause });
  if (status === 401) return new ApiError('session_expired', 'Your session has ended: sign in again.');
  return new ApiError('invalid_request', message === '' ? 'This cannot be done.' : `${message}.`, { cause });
}

const errors: Record<string, () => ApiError> = {
  INVALID_EMAIL_OR_PASSWORD: () =>
    new ApiError('invalid_credentials', 'The email or the password is wrong.', { param: null }),
  INVALID_PASSWORD: () =>
    new ApiError('invalid_value', 'The current password is wrong.', { param: 'currentPassword' }),
  CREDENTIAL_ACCOUNT_NOT_FOUND: () =>
    new ApiError('conflict', 'You have no password here: you sign in with the OpenID provider.'),
  INVALID_CALLBACK_URL: () => notOurs('callbackURL'),
  INVALID_ERROR_CALLBACK_URL: () => notOurs('errorCallbackURL'),
};

function notOurs(param: string): ApiError {
  return new ApiError('invalid_value', `Invalid '${param}': expected a path of this server.`, { param });
}
