import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FastifyInstance, fastify } from 'fastify';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../db/open.ts';
import { openTestDatabase, silentLog } from '../../db/testing.ts';
import { answerErrors } from '../../errors.ts';
import { answerOnce } from './idempotency.ts';
import { IdempotencyStore } from './store.ts';

let database: Database;
let servers: { app: FastifyInstance; url: string }[];
let executions = 0;
const leaseMs = 900;
let status = 200;
let durationMs = 60;

/** A server whose only route counts how often it runs, and answers with the count after a while. */
async function server(): Promise<{ app: FastifyInstance; url: string }> {
  const app = fastify({ forceCloseConnections: true });
  answerErrors(app, silentLog);
  app.decorateRequest('identity', null);
  app.addHook('onRequest', (request, _reply, done) => {
    const projectId = request.headers.authorization ?? 'none';
    request.identity = { keyId: 'k', projectId, organizationId: 'o' };
    done();
  });
  answerOnce(app, { store: new IdempotencyStore(database.kysely, leaseMs), log: silentLog });
  app.post<{ Body: { stream?: boolean } }>('/v1/run', async (request, reply) => {
    executions += 1;
    const text = `execution ${executions}`;
    await sleep(durationMs);
    if (request.body.stream !== true) return reply.code(status).header('x-made', text).send({ text });
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let piece = 0; piece < 5; piece += 1) {
      reply.raw.write(`data: ${text} ${piece}\n\n`);
      await sleep(10);
    }
    reply.raw.end(status === 200 ? 'data: [DONE]\n\n' : 'data: {"error":{}}\n\n');
    return reply;
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address is one
  const { port } = app.server.address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}/v1/run` };
}

beforeAll(async () => {
  database = await openTestDatabase();
  servers = [await server(), await server()];
});
afterAll(async () => {
  for (const { app } of servers) await app.close();
  await database.close();
});
beforeEach(() => {
  executions = 0;
  status = 200;
  durationMs = 60;
});

function post(
  key: string,
  body: object,
  options: { server?: number; project?: string; signal?: AbortSignal } = {},
) {
  return fetch(servers[options.server ?? 0]?.url ?? '', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': key,
      authorization: options.project ?? 'p',
    },
    body: JSON.stringify(body),
    ...(options.signal ? { signal: options.signal } : {}),
  });
}

async function textOf(answer: Response | Promise<Response>): Promise<string> {
  return (await answer).text();
}

describe('with an Idempotency-Key', () => {
  test.each([
    ['answers', {}],
    ['streams', { stream: true }],
  ])('50 equal requests at once, on two servers, run once and get equal %s', async (name, body) => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => textOf(post(`fifty-${name}`, body, { server: index % 2 }))),
    );
    expect(executions).toBe(1);
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('execution 1');
    const later = await post(`fifty-${name}`, body);
    expect(await later.text()).toBe(answers[0]);
    expect(later.headers.get('idempotent-replayed')).toBe('true');
    expect(executions).toBe(1);
  });

  test('a stream arrives while it is made', async () => {
    const answer = await post('live', { stream: true });
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).not.toContain('[DONE]');
    await reader?.cancel();
  });

  test('another body is refused, while the first runs and after it', async () => {
    const first = post('other', { a: 1 });
    await sleep(20);
    for (const server of [0, 1, 0]) {
      const refused = await post('other', { a: 2 }, { server });
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({
        error: { code: 'invalid_value', param: 'Idempotency-Key' },
      });
      await textOf(first.then((answer) => answer.clone()));
    }
    expect(executions).toBe(1);
  });

  test('the same key of another project is another request', async () => {
    const [one, two] = await Promise.all([
      textOf(post('same', {})),
      textOf(post('same', {}, { project: 'q' })),
    ]);
    expect(one).not.toBe(two);
  });

  test('who leaves does not stop the work, and finds the answer when asking again', async () => {
    const client = new AbortController();
    const left = post('left', {}, { signal: client.signal }).catch(() => null);
    await sleep(30);
    client.abort();
    await left;
    expect(await textOf(post('left', {}))).toContain('execution 1');
    expect(executions).toBe(1);
  });

  test.each([
    ['500', 500, {}],
    ['429', 429, {}],
    ['404', 404, {}],
    ['a stream that broke', 599, { stream: true }],
  ])('what did nothing (%s) is not kept', async (name, failure, body) => {
    status = failure;
    await textOf(post(`fails-${name}`, body));
    status = 200;
    expect(await textOf(post(`fails-${name}`, body))).toContain('execution 2');
  });

  test('a body that was refused may be mended under the same key', async () => {
    status = 400;
    const answers = await Promise.all([0, 1, 2].map(() => post('refused', { wrong: true })));
    expect(answers.map((answer) => answer.status)).toEqual([400, 400, 400]);
    // The key is free when the answer is whole.
    await Promise.all(answers.map(textOf));
    expect(executions).toBe(1);
    status = 200;
    expect(await textOf(post('refused', {}))).toContain('execution 2');
    expect((await post('refused', { wrong: true })).status).toBe(400);
    expect(executions).toBe(2);
  });

  test.each([
    ['is over', -1000],
    ['ends later than a lease can, because the clock was set back', 3_600_000],
  ])('what a dead server left is run anew when its lease %s', async (name, endsInMs) => {
    await textOf(post(name, {}));
    await database.kysely
      .updateTable('idempotency_keys')
      .set({ status: null, lease_until: new Date(Date.now() + endsInMs) })
      .where('key', '=', name)
      .execute();
    expect(await textOf(post(name, {}))).toContain('execution 2');
  });

  test('a running request whose lease ends early, because the clock was moved, is not run twice', async () => {
    durationMs = 3 * leaseMs;
    const first = textOf(post('moved', {}));
    await sleep(50);
    for (const hours of [-1, 1]) {
      await sql`update idempotency_keys set lease_until = lease_until + ${hours} * interval '1 hour'`.execute(
        database.kysely,
      );
      await sleep(20);
      expect(await textOf(post('moved', {}, { server: 1 }))).toBe(await first);
    }
    expect(executions).toBe(1);
  });

  test('after 24 hours the key is free', async () => {
    await textOf(post('old', { a: 1 }));
    await database.kysely
      .updateTable('idempotency_keys')
      .set({ created_at: new Date(Date.now() - 24 * 3_600_000 - 1000) })
      .where('key', '=', 'old')
      .execute();
    expect(await textOf(post('old', { a: 2 }))).toContain('execution 2');
  });

  test.each(['', 'x'.repeat(256)])('a key of %j is refused', async (key) => {
    expect((await post(key, {})).status).toBe(400);
  });
});
