import { fastify } from 'fastify';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { answerErrors } from '../errors.ts';
import { logRequests } from '../http/request-log.ts';
import { Metrics } from './metrics.ts';
import { isLoopback, metricsRoutes } from './routes.ts';

const token = 'a-token-of-the-operator';

function server(host: string, metricsToken: string | null) {
  const app = fastify();
  const metrics = new Metrics();
  const log = pino({ level: 'silent' });
  answerErrors(app, log);
  logRequests(app, log, (answer) => metrics.answered(answer));
  metricsRoutes(app, { metrics, config: { host, metricsToken } });
  return app;
}

describe('GET /metrics', () => {
  test.each([
    ['127.0.0.1', null, undefined, 200],
    ['127.0.0.1', token, undefined, 401],
    ['127.0.0.1', token, `Bearer ${token}`, 200],
    ['0.0.0.0', null, undefined, 401],
    ['0.0.0.0', null, 'Bearer null', 401],
    ['0.0.0.0', token, `Bearer ${token}`, 200],
    ['0.0.0.0', token, `Bearer ${token}x`, 401],
    ['0.0.0.0', token, token, 401],
  ])('on %s with the token %s, sent %s: %i', async (host, metricsToken, authorization, expected) => {
    const app = server(host, metricsToken);
    const headers = authorization === undefined ? {} : { authorization };
    const { statusCode, body } = await app.inject({ url: '/metrics', headers });
    expect(statusCode).toBe(expected);
    expect(body.includes('# HELP weai_requests_total')).toBe(expected === 200);
    expect(body).not.toContain(token);
    await app.close();
  });

  test('is in the format of Prometheus, with the process beside our own', async () => {
    const app = server('localhost', null);
    const { headers, body } = await app.inject({ url: '/metrics' });
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(body).toContain('process_resident_memory_bytes');
    await app.close();
  });

  test('counts a request that its client leaves as 499, whatever it would have been', async () => {
    const app = server('localhost', null);
    const asked = Promise.withResolvers<void>();
    app.get('/hangs', (_request, reply) => {
      asked.resolve();
      reply.hijack();
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const url = app.listeningOrigin;
    const client = new AbortController();
    const left = fetch(`${url}/hangs`, { signal: client.signal });
    await asked.promise;
    client.abort();
    await expect(left).rejects.toThrow('aborted');
    await expect
      .poll(async () => (await fetch(`${url}/metrics`)).text())
      .toContain('weai_http_requests_total{method="GET",route="/hangs",status="499"} 1');
    await app.close();
  });

  test('counts requests by their declared route: a path that a client made up is no label', async () => {
    const app = server('localhost', null);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const url = app.listeningOrigin;
    await (await fetch(`${url}/made-up-by-a-client`)).text();
    await (await fetch(`${url}/metrics`)).text();
    const body = await (await fetch(`${url}/metrics`)).text();
    expect(body).toContain('weai_http_requests_total{method="GET",route="none",status="404"} 1');
    expect(body).toContain('weai_http_requests_total{method="GET",route="/metrics",status="200"} 1');
    expect(body).not.toContain('made-up');
    await app.close();
  });
});

test.each([
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.0.0.1.example.com', false],
  ['10.0.0.1', false],
])('%s is loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
