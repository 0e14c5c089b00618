import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bytes, chunk, events } from '../engines/testing/scripted-upstream.ts';
import { createProject } from '../projects/administration.ts';
import {
  cookieOf,
  testPassword,
  testSignIn,
  type TestServer,
  type TestSignIn,
} from '../sign-in/server.testing.ts';
import { StreamTickets, ticketSeconds } from './stream-ticket.ts';

const secret = 'a secret that every server of this test signs with';
const question = { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] };
let server: TestSignIn;
let other: TestServer;
let owner: string;

beforeAll(async () => {
  server = await testSignIn({ WEAI_SESSION_SECRET: secret });
  other = await server.another({ WEAI_SESSION_SECRET: secret });
  owner = await server.welcomeOwner();
});
beforeEach(() => {
  server.engine.script = bytes(events(chunk({ content: 'Hello' }), chunk({}, 'stop')));
});
afterAll(() => server.close());

async function ticketOf(cookie: string): Promise<string> {
  const { status, body, headers } = await server.send('POST', '/auth/stream-ticket', undefined, { cookie });
  expect([status, body.expires_in, headers.get('cache-control')]).toEqual([200, ticketSeconds, 'no-store']);
  return body.ticket;
}

async function ask(ticket: string, headers: Record<string, string> = {}, at: TestServer = server) {
  const sent = { authorization: `Bearer ${ticket}`, 'x-weai-csrf': '1', ...headers };
  const { status, body } = await at.send('POST', '/v1/chat/completions', question, sent);
  return { status, body, code: body.error?.code };
}

describe('a ticket', () => {
  test('streams as its session does, on every server, in the projects of the member', async () => {
    const ann = await server.join('ann', 'member', [{ id: server.project.id, role: 'member' }]);
    const { organizationId } = server.project;
    const actor = { kind: 'session', id: 'test' } as const;
    const elsewhere = await createProject(server.database.kysely, {
      organizationId,
      name: 'elsewhere',
      actor,
    });
    const ticket = await ticketOf(ann);
    for (const at of [server, other]) {
      const { status, body } = await ask(ticket, {}, at);
      expect([status, body]).toEqual([200, expect.stringContaining('"content":"Hello"')]);
      expect((await ask(ticket, { 'openai-project': server.project.id }, at)).status).toBe(200);
      expect(await ask(ticket, { 'openai-project': elsewhere.id }, at)).toMatchObject({ code: 'not_found' });
    }
  });

  test('opens nothing but asking a model', async () => {
    const authorization = `Bearer ${await ticketOf(owner)}`;
    const headers = { authorization, 'x-weai-csrf': '1' };
    const refused: string[] = [];
    for (const route of server.app.allowedMethods.keys()) {
      if (!route.startsWith('/v1/')) continue;
      const path = route.replaceAll(/:\w+/g, 'unknown').replace('*', 'unknown');
      const allowed = await server.app.inject({ method: 'OPTIONS', url: path });
      for (const method of String(allowed.headers['allow']).split(', ')) {
        if (method === 'HEAD' || (route === '/v1/chat/completions' && method === 'POST')) continue;
        const { status } = await server.send(method, path, undefined, headers);
        expect([method, route, status]).toEqual([method, route, route === '/v1/me' ? 403 : 401]);
        refused.push(route);
      }
    }
    expect(refused.length).toBeGreaterThan(40);
    for (const path of ['/auth/stream-ticket', '/auth/change-password'])
      expect((await server.send('POST', path, {}, headers)).status).toBe(401);
  });

  test('that is wrong, out of date, of another secret or of no session is refused, whatever the cookie', async () => {
    const ticket = await ticketOf(owner);
    const session = await server.send('GET', '/auth/get-session', undefined, { cookie: owner });
    const { id } = session.body.session;
    const pastMs = Date.now() - ticketSeconds * 1000;
    const [head, signature] = ticket.split('.');
    const later = Buffer.from(`9999999999.${id}`).toString('base64url');
    const worthless = [
      'weai-stream-',
      'weai-stream-.',
      `${head}`,
      `${head}.`,
      `${ticket.slice(0, -6)}AAAAAA`,
      `weai-stream-${later}.${signature}`,
      new StreamTickets('another secret').issue(id),
      new StreamTickets(secret).issue(id, pastMs),
      new StreamTickets(secret).issue('session-unknown'),
      new StreamTickets(secret).issue(''),
    ];
    for (const each of worthless) {
      const { status, code } = await ask(each, { cookie: owner });
      expect([each, status, code]).toEqual([each, 401, 'session_expired']);
    }
    expect((await ask(new StreamTickets(secret).issue(id, pastMs + 5000))).status).toBe(200);
  });

  test('ends with its session within a second, on every server', async () => {
    const email = 'owner@example.com';
    const cookie = cookieOf(
      await server.send('POST', '/auth/sign-in/email', { email, password: testPassword }),
    );
    const ticket = await ticketOf(cookie);
    expect((await ask(ticket, {}, other)).status).toBe(200);
    await server.send('POST', '/auth/sign-out', undefined, { cookie });
    for (const at of [server, other])
      await expect
        .poll(async () => (await ask(ticket, {}, at)).code, { timeout: 1000 })
        .toBe('session_expired');
  });

  test('asks nothing any more once the role no longer allows it', async () => {
    const cookie = await server.join('bob', 'member', [{ id: server.project.id, role: 'member' }]);
    const { user } = (await server.send('GET', '/v1/me', undefined, { cookie })).body;
    const ticket = await ticketOf(cookie);
    const change = (role: string) =>
      server.send('POST', `/v1/organization/users/${user.id}`, { role }, { cookie: owner });
    expect((await change('viewer')).status).toBe(200);
    for (const at of [server, other]) {
      const code = async () => (await ask(ticket, {}, at)).code;
      await expect.poll(code, { timeout: 1000 }).toBe('insufficient_permissions');
    }
    await change('member');
    await expect.poll(async () => (await ask(ticket)).status, { timeout: 1000 }).toBe(200);
  });

  test.each([
    [
      'a role that may not ask models',
      'no longer a member who asks',
      (user: string) => ['POST', `/v1/organization/users/${user}`, { role: 'viewer' }] as const,
      ['insufficient_permissions', 'Your role, viewer, does not allow this (models.use)'],
    ],
    [
      'the project',
      'out of the project',
      (user: string) =>
        ['DELETE', `/v1/organization/projects/${server.project.id}/users/${user}`, undefined] as const,
      ['insufficient_permissions', 'You are no longer in the project of this request'],
    ],
    [
      'the organization',
      'removed',
      (user: string) => ['DELETE', `/v1/organization/users/${user}`, undefined] as const,
      ['session_expired'],
    ],
  ])('a stream ends, and says why, with %s: its member is %s', async (_what, who, act, said) => {
    const cookie = await server.join(who.replaceAll(' ', '-'), 'member', [
      { id: server.project.id, role: 'member' },
    ]);
    const { user } = (await server.send('GET', '/v1/me', undefined, { cookie })).body;
    const streaming = Promise.withResolvers<void>();
    server.engine.script = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(chunk({ content: 'Hello' }))}\n\n`);
      streaming.resolve();
    };
    const stream = ask(await ticketOf(cookie), {}, other);
    await streaming.promise;
    const changedAt = Date.now();
    const [method, path, body] = act(user.id);
    expect((await server.send(method, path, body, { cookie: owner })).status).toBe(200);
    const ended = (await stream).body;
    expect(Date.now() - changedAt).toBeLessThan(1000);
    for (const part of said) expect(ended).toContain(part);
    expect(ended).toContain('Hello');
    expect(ended).not.toContain('[DONE]');
  });

  test('is for pages of this server alone: given, and taken, with the proof that no other site sent it', async () => {
    const forged = [
      { 'x-weai-csrf': '0' },
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
    ];
    const ticket = await ticketOf(owner);
    for (const headers of forged) {
      const given = await server.send('POST', '/auth/stream-ticket', undefined, {
        cookie: owner,
        ...headers,
      });
      expect([given.status, given.body.error.code]).toEqual([403, 'csrf_failed']);
      expect((await ask(ticket, headers)).code).toBe('csrf_failed');
    }
    const nobody = await server.send('POST', '/auth/stream-ticket', undefined, { 'x-weai-csrf': '1' });
    expect([nobody.status, nobody.body.error.code]).toEqual([401, 'session_expired']);
  });
});
