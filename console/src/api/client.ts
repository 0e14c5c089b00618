import createClient from 'openapi-fetch';
import { reachingFetch, sessionExpired } from './connection.ts';
import { ApiFailure, failureOf } from './failure.ts';
import type { paths } from './openapi.ts';
import { chosenProjectId } from './project.ts';
import { queries } from './queries.ts';

/** What every request of the console carries: its project, and the mark that a foreign page can't send. */
export function consoleHeaders(): Record<string, string> {
  const projectId = chosenProjectId.get();
  return { 'x-weai-csrf': '1', ...(projectId === null ? {} : { 'openai-project': projectId }) };
}

/** The API, typed by openapi.json: `await read(api.GET('/v1/models'))`. */
export const api = createClient<paths>({
  baseUrl: location.origin,
  fetch: (request) => reachingFetch(request),
});

api.use({
  onRequest: ({ request }) => {
    for (const [name, value] of Object.entries(consoleHeaders())) request.headers.set(name, value);
    return request;
  },
});

/** The answer's body. Throws `ApiFailure`, and `Unreachable` when there is no server. */
export async function read<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) {
    const failure = failureOf(error, response.status, response.headers.get('x-request-id'));
    throw noteRefusal(failure);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an answer that is ok has the described body
  return data as Data;
}

/** As done when what was to be deleted is gone already: somebody else was faster. */
export async function goneAlready(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 404) throw error;
  }
}

/**
 * A refusal as it is said to a person: that the session is over in other words than to a program, and the shell asks to sign in. Where
 * the role was changed meanwhile, what it allows is read again.
 */
export function noteRefusal(failure: ApiFailure): ApiFailure {
  const { status, code } = failure;
  if (code === 'insufficient_permissions') void queries.invalidateQueries({ queryKey: ['me'] });
  if (code !== 'session_expired' && (status !== 401 || code !== 'missing_api_key')) return failure;
  sessionExpired.set(true);
  return new ApiFailure('Your session has ended: sign in again.', failure);
}
