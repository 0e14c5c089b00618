import { once } from 'node:events';
import { connect } from 'node:net';
import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../db/testing.ts';
import { answerErrors } from '../errors.ts';
import type { Logger } from '../log.ts';
import { authenticate, identityOf } from './authentication.ts';
import { Drain } from './drain.ts';
import { healthRoutes } from './health.ts';
import { acceptJsonBodies } from './json-body.ts';
import { collectMethods, refuseOtherMethods } from './methods.ts';
import { logRequests } from './request-log.ts';
import { cancellationOf, RunningRequests } from './running-requests.ts';
import { createServer } from './server.ts';
import { answerUnknownPaths } from './unknown-paths.ts';

const key = 'sk-weai-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG';
const identity = { keyId: 'key-1', projectId: 'proj-1', organizationId: 'org-1' };

interface TestServer {
  app: FastifyInstance;
  running: RunningRequests;
  drain: Drain;
  url: string;
  port: number;
  /** Ends the answers of `/v1/slow`. */
  finishSlow(): void;
}

async function startTestServer(log: Logger = silentLog): Promise<TestServer> {
  const app = createServer({ maxBodyBytes: 10_000, requestTimeoutMs: 1000 }, log);
  const running = new RunningRequests();
  const drain = new Drain(running);
  const slow = Promise.withResolvers<void>();
  answerErrors(app, log);
  logRequests(app, log);
  drain.mount(app);
  running.mount(app);
  acceptJsonBodies(app);
  const methods = collectMethods(app);
  answerUnknownPaths(app, methods);
  healthRoutes(app, {
    drain,
    databaseUp: () => Promise.resolve(true),
    engineStates: () => ({ one: 'ready' }),
  });
  void app.register((api, _options, done) => {
    authenticate(api, { find: (sent) => (sent === key ? identity : null) });
    api.post('/v1/echo', (request) => ({ body: request.body, identity: identityOf(request) }));
    api.get('/v1/slow', async () => {
      await slow.promise;
      return { finished: true };
    });
    api.get('/v1/until-ended', async (request) => {
      await once(cancellationOf(request), 'abort');
      throw cancellationOf(request).reason;
    });
    api.post('/v1/echo/:id', () => 'one');
    api.get('/v1/broken', () => {
      throw new Error('secret cause');
    });
    api.get('/v1/busy', () => {
      throw new ApiError('engine_overloaded', 'Try again.', { retryAfterSeconds: 7 });
    });
    done();
  });
  refuseOtherMethods(app, methods);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, running, drain, url, port: Number(new URL(url).port), finishSlow: slow.resolve };
}

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.app.close());

function send(path: string, options: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return fetch(`${server.url}${path}`, { ...options, headers: { ...headers, ...options.headers } });
}

async function errorOf(response: Response): Promise<Record<string, unknown>> {
  const body: unknown = await response.json();
  expect(body).toEqual({
    error: {
      message: expect.any(String),
      type: expect.any(String),
      param: expect.toBeOneOf([null, expect.any(String)]),
      code: expect.any(String),
    },
  });
  expect(response.headers.get('x-request-id')).toBeTruthy();
  expect(response.headers.get('openai-processing-ms')).toMatch(/^\d+$/);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked just above
  return (body as { error: Record<string, unknown> }).error;
}

/** Sends bytes as they are and returns all that comes back. */
async function sendRaw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  let answer = '';
  socket.on('data', (bytes) => {
    answer += bytes.toString();
  });
  await once(socket, 'close');
  return answer;
}

describe('authentication', () => {
  test.each([
    ['no header', '', 'missing_api_key'],
    ['another scheme', 'Basic abc', 'invalid_api_key'],
    ['no key', 'Bearer ', 'invalid_api_key'],
    ['an unknown key', `Bearer ${key}x`, 'invalid_api_key'],
    ['a key of 100,000 letters', `Bearer ${'x'.repeat(20_000)}`, 'invalid_api_key'],
    ['two keys', `Bearer ${key} ${key}`, 'invalid_api_key'],
  ])('%s is 401', async (_name, authorization, code) => {
    const response = await send('/v1/echo', { method: 'POST', body: '{}', headers: { authorization } });
    expect(response.status).toBe(401);
    const error = await errorOf(response);
    expect(error).toMatchObject({ code, type: 'invalid_request_error' });
    expect(error['message']).not.toContain(key.slice(12, -4));
  });

  test('two Authorization headers are refused, though one is right', async () => {
    const lines = [
      'GET /v1/slow HTTP/1.1',
      'host: x',
      `authorization: Bearer ${key}`,
      'authorization: Bearer other',
    ];
    const answer = await sendRaw(server.port, `${[...lines, 'connection: close'].join('\r\n')}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 401 /);
    expect(answer).toContain('more than one Authorization header');
  });

  test('a good key gives the identity', async () => {
    const response = await send('/v1/echo', { method: 'POST', body: '{"a":1}' });
    expect(await response.json()).toEqual({ body: { a: 1 }, identity });
    expect(response.headers.get('openai-processing-ms')).toMatch(/^\d+$/);
  });
});

describe('requests that are refused', () => {
  const chunks = (count: number) =>
    new ReadableStream({
      pull(controller) {
        count -= 1;
        if (count < 0) controller.close();
        else controller.enqueue(new TextEncoder().encode('['.repeat(1000)));
      },
    });

  test.each<[string, RequestInit, number, string]>([
    ['a body over the limit', { body: JSON.stringify('x'.repeat(10_000)) }, 413, 'request_too_large'],
    ['a streamed body over the limit', { body: chunks(1000), duplex: 'half' }, 413, 'request_too_large'],
    [
      'another content type',
      { body: 'a=1', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_media_type',
    ],
    [
      'a form',
      { body: 'a=1', headers: { 'content-type': 'multipart/form-data' } },
      415,
      'unsupported_media_type',
    ],
    [
      'another encoding',
      { body: '{}', headers: { 'content-type': 'application/json; charset=latin1' } },
      415,
      'unsupported_media_type',
    ],
    ['compression', { body: '{}', headers: { 'content-encoding': 'gzip' } }, 415, 'unsupported_media_type'],
    ['no body', {}, 400, 'invalid_json'],
    ['an empty body', { body: '' }, 400, 'invalid_json'],
    ['10,000 levels', { body: '['.repeat(9_999) }, 400, 'invalid_json'],
  ])('%s', async (_name, options, status, code) => {
    const response = await send('/v1/echo', { method: 'POST', ...options });
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toMatchObject({ code });
  });

  test('a body over the limit is told the limit', async () => {
    const response = await send('/v1/echo', { method: 'POST', body: 'x'.repeat(10_001) });
    expect(await errorOf(response)).toMatchObject({ message: expect.stringContaining('the 10000 bytes') });
  });

  test.each([
    ['an unknown path', 'GET', '/v1/nothing', 404, 'unknown_url'],
    ['a path with a bad escape', 'GET', '/v1/%zz', 400, 'invalid_request'],
    ['a path that is not UTF-8', 'GET', '/v1/%ff', 400, 'invalid_request'],
    ['a path that is long', 'GET', `/${'x'.repeat(5000)}`, 404, 'unknown_url'],
    ['a wrong method', 'GET', '/v1/echo', 405, 'method_not_allowed'],
    ['a wrong method on an open path', 'DELETE', '/healthz', 405, 'method_not_allowed'],
    ['a defect of ours', 'GET', '/v1/broken', 500, 'internal_error'],
    ['an overloaded engine', 'GET', '/v1/busy', 503, 'engine_overloaded'],
  ])('%s', async (_name, method, path, status, code) => {
    const response = await send(path, { method });
    expect(response.status).toBe(status);
    const error = await errorOf(response);
    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error)).not.toContain('secret cause');
    expect(response.headers.get('allow')).toBe(
      status === 405 ? (path === '/healthz' ? 'GET, HEAD' : 'POST') : null,
    );
    expect(response.headers.get('retry-after')).toBe(status === 503 ? '7' : null);
  });

  test.each([
    ['/echo', '/v1/echo'],
    ['/v1/echo/', '/v1/echo'],
    ['/v1//echo', '/v1/echo'],
    ['//v1//echo//?a=/', '/v1/echo'],
    ['/v1/v1/echo', '/v1/echo'],
    ['/v1/healthz', '/healthz'],
    ['/v1/nothing/', null],
    ['/v1/echo/1/', null],
  ])('%s is unknown, and %s may be meant', async (path, meant) => {
    const error = await errorOf(await send(path, { method: 'POST', body: '{}' }));
    expect(error).toMatchObject({ code: 'unknown_url', param: null });
    expect(/Did you mean (.*)\?$/.exec(String(error['message']))?.[1] ?? null).toBe(meant);
  });

  test('what is not HTTP, in the same shape', async () => {
    const answer = await sendRaw(server.port, 'nonsense\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toMatch(/\r\nx-request-id: req_\w+\r\nopenai-processing-ms: \d+\r\n/);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      error: { code: 'invalid_request', param: null },
    });
  });

  test('a request that never ends arriving, after its time', async () => {
    const head = `POST /v1/echo HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\n`;
    const answer = await sendRaw(
      server.port,
      `${head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toContain('"request_timeout"');
  });
});

describe('request ids', () => {
  test.each([
    ['my-request.1', true],
    ['x'.repeat(129), false],
    ['a b', false],
    ['<script>', false],
  ])('%s from the client is taken: %s', async (id, taken) => {
    const response = await send('/healthz', { headers: { 'x-request-id': id } });
    const answered = response.headers.get('x-request-id');
    expect(answered === id).toBe(taken);
    expect(answered).toMatch(/^[\w.:-]{1,128}$/);
  });
});

describe('the request log', () => {
  test('has one line a request, with neither key nor content', async () => {
    const lines: string[] = [];
    const logged = await startTestServer(
      pino({ level: 'debug' }, { write: (line: string) => lines.push(line) }),
    );
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ content: 'a secret of the client' });
    for (const path of ['/v1/echo', '/v1/echo', '/v1/secret-path', '/v1/broken']) {
      const method = path === '/v1/broken' ? 'GET' : 'POST';
      const response = await fetch(logged.url + path, {
        method,
        headers,
        ...(method === 'POST' ? { body } : {}),
      });
      await response.text();
    }
    await expect.poll(() => lines.filter((line) => line.includes('"msg":"request"')).length).toBe(4);
    const routes = lines
      .filter((line) => line.includes('"msg":"request"'))
      .map((line) => /"route":("[^"]*"|null)/.exec(line)?.[1]);
    expect(routes).toEqual(['"/v1/echo"', '"/v1/echo"', 'null', '"/v1/broken"']);
    expect(lines.join('')).toContain('secret cause');
    expect(lines.join('')).not.toMatch(/secret-path|a secret of the client|sk-weai-0123/);
    await logged.app.close();
  });
});

describe('health', () => {
  test('is open to all and says how things are', async () => {
    const ready = await fetch(`${server.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({
      status: 'ready',
      database: 'up',
      engines: { one: 'ready' },
      problems: [],
    });
  });

  test('a database that never answers is down, and the question is answered all the same', async () => {
    const app = createServer({ maxBodyBytes: 10_000, requestTimeoutMs: 1000 }, silentLog);
    healthRoutes(app, {
      drain: { draining: false },
      databaseUp: () => Promise.withResolvers<boolean>().promise,
      engineStates: () => ({ one: 'ready' }),
      problems: () => ['the ledger waits'],
    });
    const { statusCode, body } = await app.inject('/readyz');
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      status: 'degraded',
      database: 'down',
      problems: ['the ledger waits'],
    });
    await app.close();
  });

  test('a server whose journal takes no request is not ready: it would refuse each', async () => {
    let full = true;
    const app = createServer({ maxBodyBytes: 10_000, requestTimeoutMs: 1000 }, silentLog);
    healthRoutes(app, {
      drain: { draining: false },
      databaseUp: () => Promise.resolve(false),
      engineStates: () => ({ one: 'ready' }),
      journalFull: () => full,
      problems: () => ['the journal is full'],
    });
    const status = async () => {
      const { statusCode, body } = await app.inject('/readyz');
      return [statusCode, JSON.parse(body).status];
    };
    expect(await status()).toEqual([503, 'not_ready']);
    full = false;
    expect(await status()).toEqual([200, 'degraded']);
    await app.close();
  });
});

describe('draining', () => {
  test('lets a running request finish, refuses others, then closes', async () => {
    const draining = await startTestServer();
    const slow = fetch(`${draining.url}/v1/slow`, { headers: { authorization: `Bearer ${key}` } });
    // A connection that is open already; its request comes once the server drains.
    const kept = connect(draining.port, '127.0.0.1');
    await once(kept, 'connect');
    await expect.poll(() => draining.running.size).toBe(1);
    const finished = draining.drain.finish(draining.app, 5000);
    kept.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
    const [refusal] = await once(kept, 'data');
    expect(String(refusal)).toMatch(/^HTTP\/1.1 503 .*connection: close.*"server_draining"/is);
    await expect(fetch(`${draining.url}/healthz`)).rejects.toThrow('fetch failed');
    draining.finishSlow();
    expect(await (await slow).json()).toEqual({ finished: true });
    expect(await finished).toBe(0);
    await draining.app.close();
  });

  test('tells what has not finished in time why it ends', async () => {
    const draining = await startTestServer();
    const ended = fetch(`${draining.url}/v1/until-ended`, { headers: { authorization: `Bearer ${key}` } });
    await expect.poll(() => draining.running.size).toBe(1);
    expect(await draining.drain.finish(draining.app, 50)).toBe(1);
    const response = await ended;
    expect(response.status).toBe(503);
    expect(await errorOf(response)).toMatchObject({ code: 'server_draining' });
    await draining.app.close();
  });

  test('cuts off what does not end then', async () => {
    const draining = await startTestServer();
    const outcome = fetch(`${draining.url}/v1/slow`, { headers: { authorization: `Bearer ${key}` } }).then(
      () => 'answered',
      () => 'cut off',
    );
    await expect.poll(() => draining.running.size).toBe(1);
    expect(await draining.drain.finish(draining.app, 50)).toBe(1);
    expect(await outcome).toBe('cut off');
    await draining.app.close();
  });
});
