import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, read } from './client.ts';
import { sessionExpired } from './connection.ts';
import type { paths } from './openapi.ts';
import { queries } from './queries.ts';
import { forgetTicket } from './stream-ticket.ts';

type MeAnswer = paths['/v1/me']['get']['responses'][200]['content']['application/json'];

/** Who is signed in, where, and what they may do: an action that the server doesn't know is not allowed. */
export type Me = Omit<MeAnswer, 'can'> & { can: Record<string, boolean> };

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: (): Promise<Me> => read(api.GET('/v1/me')),
  staleTime: 60_000,
});

/** How one may sign in here. */
export const signInMethodsQuery = queryOptions({
  queryKey: ['sign-in-methods'],
  queryFn: () => read(api.GET('/auth/methods')),
  staleTime: 60_000,
});

/** The member; only below the shell, which waits for it. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (data === undefined) throw new Error('useMe is for pages inside the shell');
  return data;
}

export async function signIn(email: string, password: string): Promise<void> {
  await read(api.POST('/auth/sign-in/email', { body: { email, password } }));
  await begin();
}

/** Begins sign-in with the identity provider and leaves for its page; `next` is the path to come back to. */
export async function signInWithProvider(next: string): Promise<void> {
  const body = { provider: 'oidc', callbackURL: next, errorCallbackURL: '/sign-in' } as const;
  const { url } = await read(api.POST('/auth/sign-in/social', { body }));
  location.assign(url);
}

/** Changes the password of who is signed in; their other sessions end. */
export async function changePassword(body: { currentPassword: string; newPassword: string }): Promise<void> {
  await read(api.POST('/auth/change-password', { body }));
}

export async function signOut(): Promise<void> {
  await read(api.POST('/auth/sign-out'));
  queries.clear();
}

/** Makes the first owner with the banner's one-time token, and signs in. */
export async function makeOwner(body: {
  token: string;
  name: string;
  email: string;
  password: string;
}): Promise<void> {
  await read(api.POST('/auth/welcome', { body }));
  await begin();
}

export type OpenInvite = paths['/auth/invite']['post']['responses'][200]['content']['application/json'];

/** Who is invited by a link, and as what. It stays unused. */
export function inviteQuery(token: string | undefined) {
  return queryOptions({
    queryKey: ['invite', token],
    enabled: token !== undefined,
    // Nothing changes it while the form is filled in but accepting it, which says so itself.
    staleTime: Infinity,
    gcTime: 0,
    queryFn: () => read(api.POST('/auth/invite', { body: { token: token ?? '' } })),
  });
}

export async function acceptInvite(body: { token: string; name: string; password: string }): Promise<void> {
  await read(api.POST('/auth/accept-invite', { body }));
  await begin();
}

/** A new session: what was read before is read again, the member first, whom the pages below the shell need. */
async function begin(): Promise<void> {
  forgetTicket();
  await queries.fetchQuery({ ...meQuery, staleTime: 0 });
  sessionExpired.set(false);
  await queries.invalidateQueries();
}
