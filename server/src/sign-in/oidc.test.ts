import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createInvite } from '../members/invites.ts';
import { startProvider, type TestProvider } from './oidc-provider.testing.ts';
import { type Answer, cookieOf, testPassword, testSignIn, type TestSignIn } from './server.testing.ts';

let provider: TestProvider;
let server: TestSignIn;
const actor = { kind: 'session', id: 'test' } as const;

beforeAll(async () => {
  provider = await startProvider('weai', 'client secret');
  server = await testSignIn({
    WEAI_OIDC_ISSUER: provider.issuer,
    WEAI_OIDC_CLIENT_ID: 'weai',
    WEAI_OIDC_CLIENT_SECRET: 'client secret',
    WEAI_OIDC_NAME: 'Acme',
  });
  await server.welcomeOwner();
});
afterAll(async () => {
  await server.close();
  await provider.close();
});
beforeEach(() => {
  provider.state.fault = 'none';
});

const invite = (email: string) =>
  createInvite(server.database.kysely, {
    organizationId: server.project.organizationId,
    email,
    role: 'viewer',
    actor,
    actorRole: 'owner',
  });

/** The cookies that an answer sets, as a browser sends them back. */
function cookiesOf({ headers }: Answer): string {
  return headers
    .getSetCookie()
    .map((text) => text.slice(0, text.indexOf(';')))
    .join('; ');
}

/** Goes through the provider as a browser does. @param tamper changes the address that the provider sends back to. */
async function signIn(tamper: (back: URL) => void = () => undefined): Promise<Answer> {
  const start = await server.send('POST', '/auth/sign-in/social', {
    provider: 'oidc',
    callbackURL: '/models',
  });
  const cookie = cookiesOf(start);
  const sent = await fetch(start.body.url, { redirect: 'manual' });
  const back = new URL(sent.headers.get('location') ?? '');
  tamper(back);
  return server.send('GET', `${back.pathname}${back.search}`, undefined, { cookie });
}

function person(name: string, verified = true): void {
  const email = `${name}@example.com`;
  provider.state.person = { sub: `subject-${name}`, email, email_verified: verified, name };
}

test('is offered by its name', async () => {
  expect((await server.send('GET', '/auth/methods')).body.oidc).toEqual([{ id: 'oidc', name: 'Acme' }]);
});

test('lets in who is invited, with a code, a nonce and PKCE, and again later', async () => {
  await invite('ann@example.com');
  person('ann');
  for (const time of ['first', 'second']) {
    const answer = await signIn();
    expect([time, answer.status, answer.headers.get('location')]).toEqual([time, 302, '/models']);
    const me = await server.send('GET', '/v1/me', undefined, { cookie: cookieOf(answer) });
    expect(me.body).toMatchObject({ user: { email: 'ann@example.com' }, organization: { role: 'viewer' } });
  }
  const asked = provider.asked.at(-1);
  expect(asked?.get('code_challenge_method')).toBe('S256');
  expect(asked?.get('response_type')).toBe('code');
  expect(asked?.get('redirect_uri')).toBe(`${server.url}/auth/callback/oidc`);
  expect(asked?.get('nonce')).toMatch(/./);
});

test('lets in who has a password here already, as the same person', async () => {
  const cookie = await server.join('bea', 'member');
  const before = await server.send('GET', '/v1/me', undefined, { cookie });
  person('bea');
  const after = await server.send('GET', '/v1/me', undefined, { cookie: cookieOf(await signIn()) });
  expect(after.body.user).toEqual(before.body.user);
});

/** What of an answer shows that it let nobody in. */
function outcome(answer: Answer) {
  const place = answer.headers.get('location') ?? '';
  const cookies = answer.headers.getSetCookie().filter((text) => /session_token=[^;]/.test(text));
  return { status: answer.status, told: place.startsWith('/sign-in?error='), cookies };
}
const refused = { status: 302, told: true, cookies: [] };

test('refuses who is not invited, or whose email the provider does not vouch for', async () => {
  person('stranger');
  expect(outcome(await signIn())).toEqual(refused);
  await invite('claimed@example.com');
  person('claimed', false);
  expect(outcome(await signIn())).toEqual(refused);
  const users = await server.database.kysely.selectFrom('users').select('email').execute();
  const emails = users.map(({ email }) => email);
  expect(emails).not.toContain('stranger@example.com');
  expect(emails).not.toContain('claimed@example.com');
});

test.each(['foreign signature', 'wrong audience', 'wrong nonce'] as const)(
  'refuses a token with a %s',
  async (fault) => {
    person('ann');
    provider.state.fault = fault;
    expect(outcome(await signIn())).toEqual(refused);
  },
);

test('refuses an answer that was not asked for, or comes from another browser or twice', async () => {
  person('ann');
  expect(outcome(await signIn((back) => back.searchParams.set('state', 'made-up')))).toEqual(refused);
  expect(outcome(await signIn((back) => back.searchParams.delete('state')))).toEqual(refused);
  expect(outcome(await signIn((back) => back.searchParams.set('code', 'made-up')))).toEqual(refused);
  const start = await server.send('POST', '/auth/sign-in/social', { provider: 'oidc' });
  const sent = await fetch(start.body.url, { redirect: 'manual' });
  const back = new URL(sent.headers.get('location') ?? '');
  const path = `${back.pathname}${back.search}`;
  expect(outcome(await server.send('GET', path))).toEqual(refused);
  const cookie = cookiesOf(start);
  const once = await server.send('POST', '/auth/sign-in/social', { provider: 'oidc' });
  const there = await fetch(once.body.url, { redirect: 'manual' });
  const { pathname, search } = new URL(there.headers.get('location') ?? '');
  const first = await server.send('GET', `${pathname}${search}`, undefined, { cookie: cookiesOf(once) });
  expect(cookieOf(first)).toMatch(/./);
  const second = await server.send('GET', `${pathname}${search}`, undefined, { cookie: cookiesOf(once) });
  expect(outcome(second)).toEqual(refused);
  expect(outcome(await server.send('GET', path, undefined, { cookie: `${cookie}x` }))).toEqual(refused);
});

test('a provider that never answers holds up nobody else: who asks for it is told in seconds', async () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address is one
  const { port } = silent.address() as AddressInfo;
  const waiting = await server.another({
    WEAI_OIDC_ISSUER: `http://127.0.0.1:${port}`,
    WEAI_OIDC_CLIENT_ID: 'weai',
    WEAI_OIDC_NAME: 'Acme',
  });
  const startedMs = performance.now();
  const social = waiting.send('POST', '/auth/sign-in/social', { provider: 'oidc' });
  const back = waiting.send('GET', '/auth/callback/oidc?code=code&state=state');
  const byPassword = await waiting.send('POST', '/auth/sign-in/email', {
    email: 'owner@example.com',
    password: testPassword,
  });
  expect(byPassword.status).toBe(200);
  expect(performance.now() - startedMs).toBeLessThan(4000);
  expect(sockets.size).toBeGreaterThan(0);
  const { status, body, headers } = await social;
  expect(status).toBe(503);
  expect(body.error).toMatchObject({
    code: 'sign_in_unavailable',
    message: 'Acme cannot be reached right now: sign in with a password, or try again in a moment.',
  });
  expect(headers.get('retry-after')).toBe('10');
  expect((await back).headers.get('location')).toBe('/sign-in?error=provider_unreachable');
  expect(performance.now() - startedMs).toBeLessThan(9000);
  for (const socket of sockets) socket.destroy();
  silent.close();
});

test('a provider that was away at first is asked again', async () => {
  const waiting = await server.another({
    WEAI_OIDC_ISSUER: provider.issuer,
    WEAI_OIDC_CLIENT_ID: 'weai',
    WEAI_OIDC_CLIENT_SECRET: 'client secret',
    WEAI_OIDC_NAME: 'Acme',
  });
  provider.state.fault = 'away';
  const ask = () => waiting.send('POST', '/auth/sign-in/social', { provider: 'oidc' });
  expect((await ask()).body.error).toMatchObject({ code: 'sign_in_unavailable' });
  provider.state.fault = 'none';
  expect((await ask()).body.url).toContain(`${provider.issuer}/authorize`);
});
