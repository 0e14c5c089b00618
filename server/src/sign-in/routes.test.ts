import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { giveNewPassword } from './new-password.ts';
import { newOwnerToken } from './owner-link.ts';
import { cookieOf, testPassword, testSignIn, type TestSignIn } from './server.testing.ts';

let server: TestSignIn;
let cookie: string;
const owner = { email: 'owner@example.com', password: testPassword };

beforeAll(async () => {
  server = await testSignIn();
});
afterAll(() => server.close());

describe('the link for the first owner', () => {
  const person = { name: 'Olga', email: 'Owner@Example.com', password: testPassword };

  test('works once, for the newest link alone, until there is an owner', async () => {
    const { organizationId } = server.project;
    const { kysely } = server.database;
    expect((await server.send('GET', '/auth/methods')).body).toEqual({
      password: true,
      oidc: [],
      needs_owner: true,
    });
    const old = await newOwnerToken(kysely, organizationId);
    const token = await newOwnerToken(kysely, organizationId);
    for (const wrong of [old, 'made up', '']) {
      const refused = await server.send('POST', '/auth/welcome', { token: wrong, ...person });
      expect([refused.status, refused.body.error.param]).toEqual([400, 'token']);
    }
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => server.send('POST', '/auth/welcome', { token, ...person })),
    );
    const [welcomed, ...others] = answers.filter(({ status }) => status === 200);
    expect(others).toEqual([]);
    expect(welcomed?.body).toEqual({
      user: { id: expect.stringMatching(/^user-/), name: 'Olga', email: 'owner@example.com' },
    });
    cookie = welcomed ? cookieOf(welcomed) : '';
    expect(await newOwnerToken(kysely, organizationId)).toBeNull();
    expect((await server.send('GET', '/auth/methods')).body.needs_owner).toBe(false);
    const stored = await kysely.selectFrom('accounts').select('password').execute();
    expect(JSON.stringify(stored)).not.toContain(testPassword);
  });
});

describe('a session', () => {
  test('is a cookie that scripts cannot read and other sites cannot send', async () => {
    const { status, headers, body } = await server.send('POST', '/auth/sign-in/email', owner);
    expect([status, body.user.email]).toEqual([200, 'owner@example.com']);
    const [set] = headers.getSetCookie();
    expect(set).toMatch(/^weai\.session_token=[^;]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(JSON.stringify(body)).not.toContain('token');
  });

  test('goes over TLS alone where the server is reached by it', async () => {
    const secure = await server.another({ WEAI_PUBLIC_URL: 'https://weai.example' });
    const { headers } = await secure.send('POST', '/auth/sign-in/email', owner, {
      origin: 'https://weai.example',
    });
    const [set] = headers.getSetCookie();
    expect(set).toMatch(/^__Secure-weai\.session_token=.*; HttpOnly; Secure; SameSite=Lax$/);
  });

  test('says who is signed in', async () => {
    const { body } = await server.send('GET', '/v1/me', undefined, { cookie });
    expect(body).toMatchObject({
      object: 'me',
      user: { name: 'Olga', email: 'owner@example.com' },
      organization: { id: server.project.organizationId, name: 'default', role: 'owner' },
      projects: [{ id: server.project.id, name: 'default', role: 'owner' }],
    });
    expect(Object.values(body.can).every((can) => can === true)).toBe(true);
    const session = await server.send('GET', '/auth/get-session', undefined, { cookie });
    expect(session.body).toMatchObject({ user: body.user, session: { id: expect.any(String) } });
    expect((await server.send('GET', '/auth/get-session')).body).toBeNull();
  });

  test('asks models and administers, on every server of the database', async () => {
    const other = await server.another();
    for (const one of [server, other]) {
      const fresh = cookieOf(await server.send('POST', '/auth/sign-in/email', owner));
      expect((await one.send('GET', '/v1/models', undefined, { cookie: fresh })).status).toBe(200);
      const projects = await one.send('GET', '/v1/organization/projects', undefined, { cookie: fresh });
      expect(projects.body.data).toHaveLength(1);
    }
  });

  test('ends with sign-out, on every server', async () => {
    const other = await server.another();
    const ending = cookieOf(await server.send('POST', '/auth/sign-in/email', owner));
    expect((await other.send('GET', '/v1/me', undefined, { cookie: ending })).status).toBe(200);
    const out = await server.send('POST', '/auth/sign-out', undefined, { cookie: ending });
    expect(out.body).toEqual({ success: true });
    expect((await server.send('GET', '/v1/me', undefined, { cookie: ending })).status).toBe(401);
    expect(out.headers.getSetCookie()[0]).toMatch(/^weai\.session_token=; Max-Age=0/);
    await expect
      .poll(async () => (await other.send('GET', '/v1/me', undefined, { cookie: ending })).status, {
        timeout: 1000,
      })
      .toBe(401);
  });

  test('is refused once it is over, forged, stolen from the database, or sent twice', async () => {
    const { token } = await server.database.kysely
      .selectFrom('sessions')
      .select('token')
      .limit(1)
      .executeTakeFirstOrThrow();
    const [name, value] = cookie.split('=');
    const worthless = [
      `${name}=${token}`,
      `${name}=${token}.`,
      `${name}=${token}.AAAA`,
      `${name}=.${value?.split('.')[1]}`,
      `${name}=%zz`,
      `${name}=`,
      `${name}=${'x'.repeat(4000)}`,
      `${cookie}; ${cookie}`,
      `${cookie.slice(0, -6)}AAAAAA`,
    ];
    for (const cookie of worthless) {
      const { status, body } = await server.send('GET', '/v1/me', undefined, { cookie });
      expect([cookie.slice(0, 60), status, body.error.code]).toEqual([
        cookie.slice(0, 60),
        401,
        'session_expired',
      ]);
    }
    const none = await server.send('GET', '/v1/me');
    expect([none.status, none.body.error.code]).toEqual([401, 'missing_api_key']);
  });

  test('expires', async () => {
    const expiring = cookieOf(await server.send('POST', '/auth/sign-in/email', owner));
    const { body } = await server.send('GET', '/auth/get-session', undefined, { cookie: expiring });
    await server.database.kysely
      .updateTable('sessions')
      .set({ expires_at: new Date(Date.now() - 1) })
      .where('id', '=', body.session.id)
      .execute();
    await expect
      .poll(async () => (await server.send('GET', '/v1/me', undefined, { cookie: expiring })).status, {
        timeout: 1000,
      })
      .toBe(401);
  });
});

describe('a password', () => {
  const newPassword = 'another long password';
  const change = (cookie: string, body: object) =>
    server.send('POST', '/auth/change-password', body, { cookie });

  test('is changed by who knows it, and other sessions end', async () => {
    const here = await server.join('pat', 'member');
    const signIn = (password: string) =>
      server.send('POST', '/auth/sign-in/email', { email: 'pat@example.com', password });
    const other = cookieOf(await signIn(testPassword));
    const wrong = await change(here, { currentPassword: 'wrong password', newPassword });
    expect([wrong.status, wrong.body.error.param]).toEqual([400, 'currentPassword']);
    const short = await change(here, { currentPassword: testPassword, newPassword: 'short' });
    expect([short.status, short.body.error.param]).toEqual([400, 'newPassword']);
    const forged = await server.send(
      'POST',
      '/auth/change-password',
      { currentPassword: testPassword, newPassword },
      { cookie: here, 'x-weai-csrf': '' },
    );
    expect(forged.status).toBe(403);
    const changed = await change(here, { currentPassword: testPassword, newPassword });
    expect(changed.status).toBe(200);
    const fresh = await server.send('GET', '/v1/me', undefined, { cookie: cookieOf(changed) });
    expect(fresh.status).toBe(200);
    await expect
      .poll(async () => (await server.send('GET', '/v1/me', undefined, { cookie: other })).status, {
        timeout: 1000,
      })
      .toBe(401);
    expect((await signIn(testPassword)).status).toBe(401);
    expect((await signIn(newPassword)).status).toBe(200);
  });

  test('that is forgotten is replaced, and sessions end', async () => {
    const cookie = await server.join('lou', 'viewer');
    const { body } = await server.send('GET', '/v1/me', undefined, { cookie });
    const { organizationId } = server.project;
    const actor = { kind: 'session', id: 'test' } as const;
    const given = { userId: body.user.id, organizationId, actor };
    const password = await giveNewPassword(server.database.kysely, given);
    await expect
      .poll(async () => (await server.send('GET', '/v1/me', undefined, { cookie })).status, { timeout: 1000 })
      .toBe(401);
    const signIn = { email: 'lou@example.com', password };
    expect((await server.send('POST', '/auth/sign-in/email', signIn)).status).toBe(200);
  });
});

describe('a request by session', () => {
  const send = (headers: Record<string, string>) =>
    server.send('POST', '/v1/organization/projects', { name: crypto.randomUUID() }, { cookie, ...headers });

  test.each([
    ['without the header', { 'x-weai-csrf': '' }, 403],
    ['from another site', { origin: 'https://evil.example' }, 403],
    ['from a sandboxed page', { origin: 'null' }, 403],
    ['from another site, as the browser says', { 'sec-fetch-site': 'cross-site' }, 403],
    ['from this site', {}, 200],
  ])('%s that changes something is %s', async (_what, headers, status) => {
    const answer = await send({ origin: server.url, ...headers });
    expect([answer.status, answer.body.error?.code]).toEqual([
      status,
      status === 403 ? 'csrf_failed' : undefined,
    ]);
  });

  test('with a header Authorization is one by key alone', async () => {
    for (const authorization of ['Bearer wrong', 'Bearer ', '', 'Basic b3duZXI6']) {
      const models = await server.send('GET', '/v1/models', undefined, { cookie, authorization });
      expect([authorization, models.status]).toEqual([authorization, 401]);
      const projects = await server.send('GET', '/v1/organization/projects', undefined, {
        cookie,
        authorization,
      });
      expect([authorization, projects.status]).toEqual([authorization, 401]);
    }
    const authorization = `Bearer ${server.projectKey}`;
    const projects = await server.send('GET', '/v1/organization/projects', undefined, {
      cookie,
      authorization,
    });
    expect([projects.status, projects.body.error.code]).toEqual([403, 'insufficient_permissions']);
    expect((await server.send('GET', '/v1/models', undefined, { cookie, authorization })).status).toBe(200);
  });

  test('is in the project that it names', async () => {
    const own = { cookie, 'openai-project': server.project.id };
    expect((await server.send('GET', '/v1/models', undefined, own)).status).toBe(200);
    for (const project of ['proj-unknown', '', "'", 'x'.repeat(3000)]) {
      const headers = { cookie, 'openai-project': project };
      const { status, body } = await server.send('GET', '/v1/models', undefined, headers);
      expect([project.slice(0, 20), status, body.error.param]).toEqual([
        project.slice(0, 20),
        404,
        'OpenAI-Project',
      ]);
    }
  });
});

describe('signing in', () => {
  test('with a wrong password says no more than for nobody', async () => {
    const wrong = await server.send('POST', '/auth/sign-in/email', { ...owner, password: 'wrong password' });
    const nobody = await server.send('POST', '/auth/sign-in/email', {
      email: 'nobody@example.com',
      password: 'wrong password',
    });
    expect(wrong.status).toBe(401);
    expect(wrong.body).toEqual(nobody.body);
    expect(wrong.body.error).toEqual({
      message: 'The email or the password is wrong.',
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_credentials',
    });
  });

  test('is slowed down for an email that is guessed at, by racing too', async () => {
    const guess = () =>
      server.send('POST', '/auth/sign-in/email', { email: 'guessed@example.com', password: 'guess guess' });
    const answers = await Promise.all(Array.from({ length: 30 }, guess));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(200);
    await server.database.kysely.deleteFrom('sign_in_attempts').execute();
  });

  test('is written down', async () => {
    const { body } = await server.send('GET', '/v1/organization/audit_logs?limit=100', undefined, { cookie });
    const types = body.data.map(({ type }: { type: string }) => type);
    for (const type of ['user.added', 'login.succeeded', 'login.failed', 'logout.succeeded'])
      expect(types).toContain(type);
    const login = body.data.find(({ type }: { type: string }) => type === 'login.succeeded');
    expect(login.actor).toMatchObject({
      type: 'session',
      session: { user: { id: expect.stringMatching(/^user-/) } },
    });
  });

  test('what is no email address is told in words', async () => {
    const { body } = await server.send('POST', '/auth/sign-in/email', { email: 'ada@local', password: 'p' });
    expect(body.error.message).toBe("Invalid 'email': expected an email address, like ana@example.com.");
  });

  test.each([
    ['POST', '/auth/sign-in/email', {}, 400, 'email'],
    ['POST', '/auth/sign-in/email', { email: 'x', password: 'p' }, 400, 'email'],
    ['POST', '/auth/sign-in/email', { ...owner, email: ['a@b.c'] }, 400, 'email'],
    ['POST', '/auth/sign-in/email', { ...owner, password: 'x'.repeat(129) }, 400, 'password'],
    ['POST', '/auth/sign-in/email', { ...owner, callbackURL: 'https://evil.example' }, 400, 'callbackURL'],
    ['POST', '/auth/sign-in/email', undefined, 400, null],
    ['POST', '/auth/sign-in/email', '{"email": "a@b.c", "email": "d@e.f"}', 400, 'email'],
    [
      'POST',
      '/auth/welcome',
      { token: 't', name: 'x', email: 'a@b.cd', password: 'too short' },
      400,
      'password',
    ],
    [
      'POST',
      '/auth/welcome',
      { token: 't', name: 'a\u202Eb', email: 'a@b.cd', password: testPassword },
      400,
      'name',
    ],
    ['POST', '/auth/accept-invite', { token: 'made up', name: 'x', password: testPassword }, 400, 'token'],
    ['POST', '/auth/sign-in/social', { provider: 'google' }, 400, 'provider'],
    ['POST', '/auth/sign-in/social', { provider: 'oidc', callbackURL: '//evil.example' }, 400, 'callbackURL'],
    ['POST', '/auth/sign-up/email', { ...owner, name: 'x' }, 404, null],
    ['POST', '/auth/delete-user', {}, 404, null],
    ['POST', '/auth/update-user', {}, 404, null],
    ['GET', '/auth/list-sessions', undefined, 404, null],
    ['GET', '/auth/ok', undefined, 404, null],
    ['GET', '/auth/sign-in/email', undefined, 405, null],
  ] as const)('%s %s %j is %i, and %s is named', async (method, path, body, status, param) => {
    const answer = await server.send(method, path, body);
    expect([answer.status, answer.body.error.param]).toEqual([status, param]);
    expect(Object.keys(answer.body.error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
  });

  test('from a page of another site is refused', async () => {
    const answer = await server.send('POST', '/auth/sign-in/email', owner, {
      origin: 'https://evil.example',
    });
    expect([answer.status, answer.body.error.code]).toEqual([403, 'csrf_failed']);
  });
});
