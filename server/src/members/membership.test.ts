import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { descriptionProblems } from '../administration/description.testing.ts';
import { cookieOf, testPassword, testSignIn, type TestSignIn } from '../sign-in/server.testing.ts';

let server: TestSignIn;
let owner: string;

beforeAll(async () => {
  server = await testSignIn();
  owner = await server.welcomeOwner();
});
afterAll(() => server.close());

const organization = '/v1/organization';
const as = (cookie: string) => ({ cookie });
const me = async (cookie: string) => (await server.send('GET', '/v1/me', undefined, as(cookie))).body;
const invite = (fields: object, cookie = owner) =>
  server.send('POST', `${organization}/invites`, { role: 'member', ...fields }, as(cookie));
const tokenOf = (url: string) => new URL(url).searchParams.get('token') ?? '';

describe('an invitation', () => {
  test('makes one member, once, however many accept at the same time', async () => {
    const made = await invite({ email: 'Ann@Example.com' });
    expect(made.body).toMatchObject({
      object: 'organization.invite',
      email: 'ann@example.com',
      status: 'pending',
      projects: [{ id: server.project.id, role: 'member' }],
    });
    expect(made.body.url).toMatch(new RegExp(`^${server.url}/invite\\?token=[\\w-]{43}$`));
    const accept = { token: tokenOf(made.body.url), name: 'Ann', password: testPassword };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => server.send('POST', '/auth/accept-invite', accept)),
    );
    expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
    const users = await server.send(
      'GET',
      `${organization}/users?emails=ANN@example.com`,
      undefined,
      as(owner),
    );
    expect(users.body.data).toHaveLength(1);
    expect(descriptionProblems('UserListResponse', users.body)).toEqual([]);
    const shown = await server.send('GET', `${organization}/invites/${made.body.id}`, undefined, as(owner));
    expect(shown.body).toMatchObject({ status: 'accepted', accepted_at: expect.any(Number) });
    expect(shown.body).not.toHaveProperty('url');
    const late = await server.send('DELETE', `${organization}/invites/${made.body.id}`, undefined, as(owner));
    expect(late.status).toBe(409);
    await server.database.kysely.deleteFrom('sign_in_attempts').execute();
  });

  test('is listed page by page, and withdrawn', async () => {
    const ids: string[] = [];
    for (const name of ['bea', 'cem']) ids.push((await invite({ email: `${name}@example.com` })).body.id);
    const first = await server.send('GET', `${organization}/invites?limit=2`, undefined, as(owner));
    const next = `${organization}/invites?limit=2&after=${first.body.last_id}`;
    const second = await server.send('GET', next, undefined, as(owner));
    expect([first.body.has_more, second.body.has_more, second.body.data[0].id]).toEqual([
      true,
      false,
      ids[1],
    ]);
    for (const id of ids) {
      const gone = await server.send('DELETE', `${organization}/invites/${id}`, undefined, as(owner));
      expect(descriptionProblems('InviteDeleteResponse', gone.body)).toEqual([]);
    }
  });

  test('tells its bearer who is invited and as what, and stays unused', async () => {
    const { body } = await invite({ email: 'Flo@Example.com' });
    const token = tokenOf(body.url);
    const read = () => server.send('POST', '/auth/invite', { token });
    for (const shown of [await read(), await read()]) {
      expect([shown.status, shown.headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(shown.body).toEqual({
        object: 'invite',
        email: 'flo@example.com',
        organization: 'default',
        role: 'member',
        projects: [{ name: 'default', role: 'member' }],
        expires_at: body.expires_at,
      });
    }
    const accepted = { token, name: 'Flo', password: testPassword };
    expect((await server.send('POST', '/auth/accept-invite', accepted)).status).toBe(200);
    const used = await read();
    const madeUp = await server.send('POST', '/auth/invite', { token: 'made up' });
    expect([used.status, used.body.error.param]).toEqual([400, 'token']);
    expect(madeUp.body).toEqual(used.body);
    const statuses = await Promise.all(
      Array.from({ length: 70 }, async () => (await server.send('POST', '/auth/invite', { token })).status),
    );
    expect(statuses).toContain(429);
    await server.database.kysely.deleteFrom('sign_in_attempts').execute();
  });

  test('that is withdrawn or out of date lets nobody in, and tells nothing', async () => {
    const { kysely } = server.database;
    for (const end of ['withdrawn', 'expired']) {
      const { body } = await invite({ email: `${end}@example.com` });
      if (end === 'withdrawn')
        await server.send('DELETE', `${organization}/invites/${body.id}`, undefined, as(owner));
      else {
        const past = { expires_at: new Date(Date.now() - 1) };
        await kysely.updateTable('invites').set(past).where('id', '=', body.id).execute();
      }
      const shown = await server.send('GET', `${organization}/invites/${body.id}`, undefined, as(owner));
      expect(shown.body.status).toBe(end === 'expired' ? 'expired' : undefined);
      const accept = { token: tokenOf(body.url), name: 'X', password: testPassword };
      const refused = await server.send('POST', '/auth/accept-invite', accept);
      expect([refused.status, refused.body.error.param]).toEqual([400, 'token']);
      const asked = await server.send('POST', '/auth/invite', { token: tokenOf(body.url) });
      expect([asked.status, asked.body]).toEqual([400, refused.body]);
    }
    expect((await invite({ email: 'expired@example.com' })).status).toBe(200);
  });

  test('goes to who is not here yet, once', async () => {
    expect((await invite({ email: 'dan@example.com' })).status).toBe(200);
    const again = await invite({ email: 'dan@example.com' });
    expect([again.status, again.body.error.param]).toEqual([409, 'email']);
    const member = await invite({ email: 'ann@example.com' });
    expect([member.status, member.body.error.param]).toEqual([409, 'email']);
  });

  test.each([
    [{ email: 'x' }, 400, 'email'],
    [{ email: 'x@example.com', role: 'root' }, 400, 'role'],
    [{ email: 'x@example.com', projects: [{ id: 'proj-unknown', role: 'member' }] }, 404, 'projects.0.id'],
    [{ email: 'x@example.com', projects: [{ id: 'p', role: 'admin' }] }, 400, 'projects.0.role'],
    [
      {
        email: 'x@example.com',
        projects: [
          { id: 'p', role: 'member' },
          { id: 'p', role: 'owner' },
        ],
      },
      400,
      'projects',
    ],
    [{ email: 'x@example.com', url: 'https://evil.example' }, 400, 'url'],
  ])('%j is %i, and %s is named', async (fields, status, param) => {
    const answer = await invite(fields);
    expect([answer.status, answer.body.error.param]).toEqual([status, param]);
  });
});

describe('roles', () => {
  test('are given and taken by those above alone', async () => {
    const admin = await server.join('adam', 'admin');
    const { user } = await me(admin);
    const ownerId = (await me(owner)).user.id;
    const change = (cookie: string, id: string, role: string) =>
      server.send('POST', `${organization}/users/${id}`, { role }, as(cookie));
    expect((await invite({ email: 'boss@example.com', role: 'owner' }, admin)).status).toBe(403);
    expect((await change(admin, user.id, 'owner')).status).toBe(403);
    expect((await change(admin, ownerId, 'viewer')).status).toBe(403);
    const path = `${organization}/users/${ownerId}`;
    expect((await server.send('DELETE', path, undefined, as(admin))).status).toBe(403);
    expect((await change(admin, 'user-unknown', 'viewer')).body.error.param).toBe('user_id');
    const changed = await change(owner, user.id, 'viewer');
    expect(changed.body.role).toBe('viewer');
    await expect.poll(async () => (await me(admin)).organization.role, { timeout: 1000 }).toBe('viewer');
  });

  test('leave an owner, whoever removes whom at the same time', async () => {
    const ownerId = (await me(owner)).user.id;
    const last = await server.send('DELETE', `${organization}/users/${ownerId}`, undefined, as(owner));
    expect([last.status, last.body.error.code]).toEqual([409, 'conflict']);
    const demoted = await server.send(
      'POST',
      `${organization}/users/${ownerId}`,
      { role: 'admin' },
      as(owner),
    );
    expect(demoted.status).toBe(409);
    const second = await server.join('second', 'owner');
    const secondId = (await me(second)).user.id;
    const [one, two] = await Promise.all([
      server.send('DELETE', `${organization}/users/${secondId}`, undefined, as(owner)),
      server.send('DELETE', `${organization}/users/${ownerId}`, undefined, as(second)),
    ]);
    expect([one.status, two.status].filter((status) => status === 200)).toHaveLength(1);
    const left = await server.database.kysely
      .selectFrom('members')
      .select('user_id')
      .where('role', '=', 'owner')
      .execute();
    expect(left).toHaveLength(1);
    if (two.status === 200) owner = second;
  });
});

describe('a removed member', () => {
  test('is out within a second on every server, with a running stream', async () => {
    const other = await server.another();
    const cookie = await server.join('eve', 'member');
    const { user } = await me(cookie);
    const streaming = Promise.withResolvers<void>();
    server.engine.script = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(
        'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"so"},"finish_reason":null}]}\n\n',
      );
      streaming.resolve();
      await once(response, 'close');
    };
    const stream = await fetch(`${other.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-weai-csrf': '1', cookie },
      body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] }),
    });
    await streaming.promise;
    const removedAt = Date.now();
    const removed = await server.send('DELETE', `${organization}/users/${user.id}`, undefined, as(owner));
    expect(descriptionProblems('UserDeleteResponse', removed.body)).toEqual([]);
    const text = await stream.text();
    expect(Date.now() - removedAt).toBeLessThan(1000);
    expect(text).toContain('session_expired');
    expect(text).not.toContain('[DONE]');
    for (const one of [server, other]) {
      const after = await one.send('GET', '/v1/models', undefined, as(cookie));
      expect([after.status, after.body.error.code]).toEqual([401, 'session_expired']);
    }
    const signIn = { email: 'eve@example.com', password: testPassword };
    expect((await server.send('POST', '/auth/sign-in/email', signIn)).status).toBe(401);
    expect((await me(await server.join('eve', 'viewer'))).organization.role).toBe('viewer');
  });
});

describe('members of a project', () => {
  test('are added, shown, changed and removed, and see that project alone', async () => {
    const cookie = await server.join('finn', 'member', []);
    const { user, projects } = await me(cookie);
    expect(projects).toEqual([]);
    const none = await server.send('GET', '/v1/models', undefined, as(cookie));
    expect([none.status, none.body.error.param]).toEqual([404, 'OpenAI-Project']);
    const made = await server.send('POST', `${organization}/projects`, { name: 'finn' }, as(owner));
    const list = `${organization}/projects/${made.body.id}/users`;
    const added = await server.send('POST', list, { user_id: user.id, role: 'owner' }, as(owner));
    expect(descriptionProblems('ProjectUser', added.body)).toEqual([]);
    expect((await server.send('POST', list, { user_id: user.id, role: 'owner' }, as(owner))).status).toBe(
      409,
    );
    const unknown = await server.send('POST', list, { user_id: 'user-unknown', role: 'owner' }, as(owner));
    expect([unknown.status, unknown.body.error.param]).toEqual([404, 'user_id']);
    await expect
      .poll(async () => (await me(cookie)).projects, { timeout: 1000 })
      .toEqual([{ id: made.body.id, name: 'finn', role: 'owner' }]);
    const listed = await server.send('GET', list, undefined, as(cookie));
    expect(descriptionProblems('ProjectUserListResponse', listed.body)).toEqual([]);
    const renamed = await server.send(
      'POST',
      `${organization}/projects/${made.body.id}`,
      { name: 'f' },
      as(cookie),
    );
    expect(renamed.status).toBe(200);
    const lowered = await server.send('POST', `${list}/${user.id}`, { role: 'member' }, as(cookie));
    expect(lowered.body.role).toBe('member');
    await expect.poll(async () => (await me(cookie)).projects[0].role, { timeout: 1000 }).toBe('member');
    const refused = await server.send('POST', `${list}/${user.id}`, { role: 'owner' }, as(cookie));
    expect([refused.status, refused.body.error.param]).toEqual([404, 'project_id']);
    const removed = await server.send('DELETE', `${list}/${user.id}`, undefined, as(owner));
    expect(descriptionProblems('ProjectUserDeleteResponse', removed.body)).toEqual([]);
    await expect.poll(async () => (await me(cookie)).projects, { timeout: 1000 }).toEqual([]);
  });
});

test('every act is in the audit log, by whom it was', async () => {
  const { body } = await server.send('GET', `${organization}/audit_logs?limit=100`, undefined, as(owner));
  const types = new Set(body.data.map(({ type }: { type: string }) => type));
  for (const type of [
    'invite.sent',
    'invite.accepted',
    'invite.deleted',
    'user.added',
    'user.updated',
    'user.deleted',
  ])
    expect(types).toContain(type);
  const { email } = (await me(owner)).user;
  const mine = await server.send(
    'GET',
    `${organization}/audit_logs?actor_emails=${email}`,
    undefined,
    as(owner),
  );
  expect(mine.body.data[0].actor.session.user.email).toBe(email);
  expect(JSON.stringify(body)).not.toContain(testPassword);
});

test('cookies of members are not the tokens in the database', async () => {
  const cookie = cookieOf(
    await server.send('POST', '/auth/sign-in/email', { email: 'finn@example.com', password: testPassword }),
  );
  const rows = await server.database.kysely.selectFrom('sessions').select('token').execute();
  expect(rows.some(({ token }) => cookie.endsWith(token))).toBe(false);
});
