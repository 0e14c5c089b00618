import { queryOptions, useQuery } from '@tanstack/react-query';
import { consoleHeaders, noteExpiry } from './client.ts';
import { reachingFetch } from './connection.ts';
import { failureOf } from './failure.ts';
import { queries } from './queries.ts';

/** Who is signed in, where, and what they may do: `GET /v1/me`. */
export interface Me {
  user: { id: string; name: string; email: string };
  organization: { id: string; name: string; role: string };
  projects: { id: string; name: string; role: string }[];
  can: Record<string, boolean>;
}

/** How one may sign in here: `GET /auth/methods`. */
export interface SignInMethods {
  password: boolean;
  oidc: { id: string; name: string }[];
  /** Nobody owns this server yet: the link in its banner makes the owner. */
  needs_owner: boolean;
}

/** A request with JSON in and out, by the session's cookie. Throws `ApiFailure` and `Unreachable`. */
async function exchange<Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
  const response = await reachingFetch(path, {
    method,
    headers: { ...consoleHeaders(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  let answer: unknown = null;
  try {
    answer = text === '' ? null : JSON.parse(text);
  } catch {
    // A proxy's page, say: the status tells enough.
  }
  if (response.ok) return answer as Answer;
  const failure = failureOf(answer, response.status, response.headers.get('x-request-id'));
  noteExpiry(failure.status, failure.code);
  throw failure;
}

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => exchange<Me>('GET', '/v1/me'),
  staleTime: 60_000,
});

export const signInMethodsQuery = queryOptions({
  queryKey: ['sign-in-methods'],
  queryFn: () => exchange<SignInMethods>('GET', '/auth/methods'),
  staleTime: 60_000,
});

/** The member; only below the shell, which waits for it. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (data === undefined) throw new Error('useMe is for pages inside the shell');
  return data;
}

export async function signIn(email: string, password: string): Promise<void> {
  await exchange('POST', '/auth/sign-in/email', { email, password });
  await queries.resetQueries();
}

/** Begins sign-in with an identity provider and leaves for its page; `next` is where to come back to. */
export async function signInWithProvider(providerId: string, next: string): Promise<void> {
  const { url } = await exchange<{ url: string }>('POST', '/auth/sign-in/social', {
    provider: providerId,
    callbackURL: next,
    errorCallbackURL: '/sign-in',
  });
  location.assign(url);
}

export async function signOut(): Promise<void> {
  await exchange('POST', '/auth/sign-out', {});
  queries.clear();
}

/** Makes the first owner with the banner's one-time token, and signs in. */
export async function makeOwner(fields: {
  token: string;
  name: string;
  email: string;
  password: string;
}): Promise<void> {
  await exchange('POST', '/auth/welcome', fields);
  await queries.resetQueries();
}

export async function acceptInvite(fields: { token: string; name: string; password: string }): Promise<void> {
  await exchange('POST', '/auth/accept-invite', fields);
  await queries.resetQueries();
}
