import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { emailSchema, nameSchema, parseBody } from '../administration/fields.ts';
import type { Config } from '../config.ts';
import type { Changes } from '../db/changes.ts';
import type { Tables } from '../db/tables.ts';
import { acceptJsonBodies } from '../http/json-body.ts';
import { refuseOtherOrigins } from '../http/same-origin.ts';
import { roles } from '../members/roles.ts';
import type { MemberGate } from '../members/session-gate.ts';
import { ticketSeconds } from '../members/stream-ticket.ts';
import { ensureDefaultProject } from '../projects/projects.ts';
import { recordSessionAct } from './admission.ts';
import { countAttempt, forgetAttempts } from './attempts.ts';
import { type Auth, oidcProvider, passwordLength } from './auth.ts';
import { askAuth, isProviderMissing, passCookies } from './handler.ts';
import { acceptInviteLink, findInviteLink } from './invite-link.ts';
import { providerUnreachable } from './oidc-sign-in.ts';
import { hasOwner, welcomeOwner } from './owner-link.ts';
import { Turns } from './turns.ts';

export interface SignInDependencies {
  auth: Auth;
  /** Null where no OpenID provider is configured. */
  oidc: Auth | null;
  config: Pick<Config, 'oidcName' | 'publicUrl'>;
  kysely: Kysely<Tables>;
  sessions: MemberGate;
  /** Changes are not waited for when left out. */
  changes?: Pick<Changes, 'caughtUp'>;
}

/** A password takes some 60 ms of a core: two at once leave threads and connections to others, the last who waits has some 5 s. */
const passwordTurns = { atOnce: 2, mostWaiting: 100 };

const password = z.string().min(passwordLength.least).max(passwordLength.most);
const token = z.string().min(1).max(256);
/** A path of the console: never another site, however browsers may read it. */
const path = z
  .string()
  .max(2000)
  .regex(/^\/(?![/\\])[^\\\s\p{Cc}]*$/u, 'expected a path of this server, like /playground');

/** What makes the first owner. */
export const welcomeBody = z.strictObject({ token, name: nameSchema, email: emailSchema, password });
/** What makes an invited person a member. */
export const acceptInviteBody = z.strictObject({ token, name: nameSchema, password });
/** The token of an invitation's link: in a body, since addresses end up in logs. */
export const inviteLinkBody = z.strictObject({ token });
/** Email and password. A session that isn't remembered ends with the browser. */
export const signInBody = z.strictObject({
  email: emailSchema,
  password: z.string().min(1).max(passwordLength.most),
  rememberMe: z.boolean().optional(),
});
/** A new password, by who knows the old one. */
export const changePasswordBody = z.strictObject({
  currentPassword: z.string().min(1).max(passwordLength.most),
  newPassword: password,
});
/** Sign-in through a provider, which the browser is sent to and comes back from. */
export const providerBody = z.strictObject({
  provider: z.literal(oidcProvider),
  callbackURL: path.optional(),
  errorCallbackURL: path.optional(),
});

const user = z.object({ id: z.string(), name: z.string(), email: z.string() });
/** Of better-auth's answers only this is passed on: the token belongs in the cookie alone, where no script can read it. */
export const signedInSchema = z.object({ user });
/** Who is signed in; null when nobody is. */
export const sessionSchema = z
  .object({ session: z.object({ id: z.string(), expiresAt: z.string() }), user })
  .nullable();
/** What the console's streams send in place of the cookie. */
export const streamTicketSchema = z.object({
  ticket: z.string().describe('For the header `Authorization: Bearer …` of `POST /v1/chat/completions`'),
  expires_in: z.int().describe('Seconds'),
});
/** How people may sign in here. */
export const methodsSchema = z.object({
  password: z.boolean(),
  oidc: z.array(z.object({ id: z.string(), name: z.string() })),
  needs_owner: z.boolean().describe('Whether nobody owns the organization yet'),
});
/** What an invitation promises. */
export const openInviteSchema = z.object({
  object: z.literal('invite'),
  email: z.string(),
  organization: z.string().describe('Its name'),
  role: z.enum(roles),
  projects: z
    .array(z.object({ name: z.string(), role: z.enum(['owner', 'member']) }))
    .describe('None for roles that reach all projects'),
  expires_at: z.int().describe('Unix seconds'),
});
/** Where to send the browser. */
export const providerSchema = z.object({ url: z.string() });

/** /auth/…: how people sign in and out. Only these routes of better-auth are reachable. */
export function signInRoutes(app: FastifyInstance, dependencies: SignInDependencies): void {
  const { auth, oidc, config, kysely, sessions, changes } = dependencies;
  const turns = new Turns(passwordTurns);
  acceptJsonBodies(app, { emptyAllowed: true });
  app.addHook('onRequest', (request, _reply, done) => {
    try {
      refuseOtherOrigins(request, config.publicUrl);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error('the check threw no error', { cause: error }));
    }
  });

  app.get('/auth/methods', async (_request, reply) => {
    const { organizationId } = await ensureDefaultProject(kysely);
    void reply.header('cache-control', 'no-store');
    const methods: z.output<typeof methodsSchema> = {
      password: true,
      oidc: oidc === null ? [] : [{ id: oidcProvider, name: config.oidcName }],
      needs_owner: !(await hasOwner(kysely, organizationId)),
    };
    return methods;
  });

  app.post('/auth/welcome', async (request, reply) => {
    await countAttempt(kysely, 'address', request.ip);
    const body = parseBody(welcomeBody, request.body);
    return turns.run(async () => {
      await welcomeOwner(kysely, body);
      return signIn(request, reply, body);
    });
  });

  app.post('/auth/invite', async (request, reply) => {
    await countAttempt(kysely, 'address', request.ip);
    const { token } = parseBody(inviteLinkBody, request.body);
    const { expiresAt, ...invite } = await findInviteLink(kysely, token);
    void reply.header('cache-control', 'no-store');
    return {
      object: 'invite',
      ...invite,
      expires_at: Math.floor(expiresAt.getTime() / 1000),
    } satisfies z.output<typeof openInviteSchema>;
  });

  app.post('/auth/accept-invite', async (request, reply) => {
    await countAttempt(kysely, 'address', request.ip);
    const body = parseBody(acceptInviteBody, request.body);
    return turns.run(async () => {
      const email = await acceptInviteLink(kysely, body);
      return signIn(request, reply, { email, password: body.password });
    });
  });

  app.post('/auth/sign-in/email', async (request, reply) => {
    await countAttempt(kysely, 'address', request.ip);
    const body = parseBody(signInBody, request.body);
    await countAttempt(kysely, 'email', body.email);
    try {
      const answer = await turns.run(() => signIn(request, reply, body));
      await forgetAttempts(kysely, 'email', body.email);
      return answer;
    } catch (error) {
      await recordFailure(body.email);
      throw error;
    }
  });

  app.post('/auth/sign-in/social', async (request, reply) => {
    await countAttempt(kysely, 'address', request.ip);
    const {
      callbackURL = '/',
      errorCallbackURL = '/sign-in',
      provider,
    } = parseBody(providerBody, request.body);
    const body = { provider, callbackURL, errorCallbackURL, disableRedirect: true };
    if (oidc === null)
      throw new ApiError('invalid_value', 'There is no such provider.', { param: 'provider' });
    const answer = await askAuth(oidc, request, { method: 'POST', path: '/sign-in/social', body }).catch(
      (error: unknown) => {
        // What better-auth says of a provider whose description it could not get.
        throw isProviderMissing(error) ? providerUnreachable(config.oidcName) : error;
      },
    );
    passCookies(reply, answer);
    return providerSchema.parse(answer.body);
  });

  app.get(`/auth/callback/${oidcProvider}`, async (request, reply) => {
    const path = request.url.slice('/auth'.length);
    if (oidc === null) return reply.redirect('/sign-in?error=provider_not_found', 302);
    const answer = await askAuth(oidc, request, { method: 'GET', path }).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.code !== 'sign_in_unavailable') throw error;
      request.log.warn({ err: error }, 'a sign-in through the provider was not finished');
      return null;
    });
    // A browser is here, not a program: a page tells what happened.
    if (answer === null) return reply.redirect('/sign-in?error=provider_unreachable', 302);
    passCookies(reply, answer);
    return reply.redirect(answer.location ?? '/', 302);
  });

  app.post('/auth/change-password', async (request, reply) => {
    const { member } = await sessions.session(request);
    await countAttempt(kysely, 'email', member.email);
    const body = { ...parseBody(changePasswordBody, request.body), revokeOtherSessions: true };
    const answer = await turns.run(() =>
      askAuth(auth, request, { method: 'POST', path: '/change-password', body }),
    );
    passCookies(reply, answer);
    await recordSessionAct(kysely, 'user.updated', member.userId);
    return signedInSchema.parse(answer.body);
  });

  app.post('/auth/sign-out', async (request, reply) => {
    const session = await sessions.current(request);
    const answer = await askAuth(auth, request, { method: 'POST', path: '/sign-out', body: {} });
    passCookies(reply, answer);
    if (session !== null) await recordSessionAct(kysely, 'logout.succeeded', session.member.userId);
    // Once it is answered the session is over here; elsewhere within a second.
    await changes?.caughtUp();
    return { success: true };
  });

  app.post('/auth/stream-ticket', async (request, reply) => {
    const session = await sessions.session(request);
    void reply.header('cache-control', 'no-store');
    const ticket: z.output<typeof streamTicketSchema> = {
      ticket: sessions.issueTicket(session),
      expires_in: ticketSeconds,
    };
    return ticket;
  });

  app.get('/auth/get-session', async (request, reply) => {
    const answer = await askAuth(auth, request, { method: 'GET', path: '/get-session' });
    passCookies(reply, answer);
    return sessionSchema.parse(answer.body);
  });

  async function signIn(
    request: FastifyRequest,
    reply: FastifyReply,
    { email, password, rememberMe }: { email: string; password: string; rememberMe?: boolean | undefined },
  ) {
    const body = { email, password, ...(rememberMe === undefined ? {} : { rememberMe }) };
    const answer = await askAuth(auth, request, { method: 'POST', path: '/sign-in/email', body });
    passCookies(reply, answer);
    return signedInSchema.parse(answer.body);
  }

  async function recordFailure(email: string): Promise<void> {
    const user = await kysely.selectFrom('users').select('id').where('email', '=', email).executeTakeFirst();
    if (user !== undefined) await recordSessionAct(kysely, 'login.failed', user.id);
  }
}
