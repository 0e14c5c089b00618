import { afterEach, describe, expect, test } from 'vitest';
import { chatServer, post } from '../chat/testing.ts';
import { silentLog } from '../db/testing.ts';
import {
  bytes,
  chunk,
  events,
  type Script,
  ScriptedUpstream,
  status,
  usage,
} from '../engines/testing/scripted-upstream.ts';
import { Collector } from './testing.ts';
import { openTracing, traceRequests } from './tracing.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const whole = bytes(events(chunk({ content: 'MODEL TEXT' }), chunk({}, 'stop'), usage(12, 5, 4)));
const clientTrace = '0af7651916cd43dd8448eb211c80319c';
const clientSpan = 'b7ad6b7169203331';

/** Asks a traced server in front of these upstreams, and gives what its collector got. */
async function traced(
  scripts: Script[],
  { fields = {}, headers = {} }: { fields?: object; headers?: Record<string, string> } = {},
) {
  const collector = new Collector();
  const tracing = await openTracing({ otlpEndpoint: await collector.listen() }, silentLog);
  closing.push(() => collector.close());
  if (tracing === null) throw new Error('tracing is off');
  const upstreams = await Promise.all(scripts.map((script) => new ScriptedUpstream(script).listen()));
  const deployments = upstreams.map((one) => one.deployment());
  const { app, url } = await chatServer(deployments, {}, (server) => traceRequests(server, tracing));
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'USER TEXT' }], ...fields }),
  });
  await response.text();
  await app.close();
  for (const upstream of upstreams) await upstream.close();
  await tracing.close();
  const server = collector.spans.find(({ kind }) => kind === 2);
  if (server === undefined) throw new Error(`no span of the request in ${collector.text}`);
  return {
    collector,
    upstreams,
    deployments,
    server,
    calls: collector.spans.filter(({ kind }) => kind === 3),
  };
}

describe('traces', () => {
  test('a request has a span, and its engine call a child with the GenAI attributes', async () => {
    const { collector, server, calls, deployments } = await traced([whole], {
      fields: { temperature: 0.5, max_tokens: 50, seed: 7 },
    });
    expect(collector.paths).toEqual(['/v1/traces']);
    expect(collector.resource).toMatchObject({ 'service.name': 'weai' });
    expect(server).toMatchObject({
      name: 'POST /v1/chat/completions',
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v1/chat/completions',
        'http.response.status_code': 200,
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'm',
        'gen_ai.response.model': 'test-model',
        'weai.request.id': 'request-1',
      },
    });
    expect(server.attributes).not.toHaveProperty('gen_ai.usage.input_tokens');
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      name: 'chat upstream-name',
      traceId: server.traceId,
      parentSpanId: server.spanId,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'vllm',
        'gen_ai.request.model': 'upstream-name',
        'gen_ai.request.max_tokens': 50,
        'gen_ai.request.temperature': 0.5,
        'gen_ai.request.seed': 7,
        'gen_ai.response.model': 'test-model',
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.response.time_to_first_chunk': expect.any(Number),
        'gen_ai.usage.input_tokens': 12,
        'gen_ai.usage.output_tokens': 5,
        'gen_ai.usage.cache_read.input_tokens': 4,
        'server.address': '127.0.0.1',
        'server.port': Number(deployments[0]?.id.split('/').at(-1)),
        'weai.deployment': deployments[0]?.id,
        'weai.status': 'completed',
      },
    });
  });

  test("a client's trace goes on through the server into the engine", async () => {
    const { server, calls, upstreams } = await traced([whole], {
      headers: { traceparent: `00-${clientTrace}-${clientSpan}-01`, tracestate: 'vendor=value' },
    });
    expect(server).toMatchObject({ traceId: clientTrace, parentSpanId: clientSpan });
    expect(upstreams[0]?.received[0]?.headers).toMatchObject({
      traceparent: `00-${clientTrace}-${calls[0]?.spanId}-01`,
      tracestate: 'vendor=value',
    });
  });

  test.each(['nonsense', `00-${'0'.repeat(32)}-${clientSpan}-01`, `ff-${clientTrace}-${clientSpan}-01`])(
    'a traceparent that is none (%s) begins a new trace',
    async (traceparent) => {
      const { server } = await traced([whole], { headers: { traceparent } });
      expect(server.traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
      expect(server.traceId).not.toBe(clientTrace);
      expect(server.parentSpanId ?? '').toBe('');
    },
  );

  test('a deployment that failed and the one that took over are two calls of one request', async () => {
    const { server, calls } = await traced([status(500, { error: { message: 'broken' } }), whole]);
    expect(server.status.code ?? 0).toBe(0);
    expect(calls.map(({ attributes }) => attributes['error.type'])).toEqual(['engine_error', undefined]);
    expect(calls.map(({ status: { code } }) => code ?? 0)).toEqual([2, 0]);
    expect(calls.every(({ parentSpanId }) => parentSpanId === server.spanId)).toBe(true);
  });

  test('an engine that breaks in the middle fails its span with a code', async () => {
    const { server, calls } = await traced([bytes(`data: ${JSON.stringify(chunk({ content: 'a' }))}\n\n`)]);
    expect(calls[0]?.attributes).toMatchObject({ 'error.type': 'engine_crashed', 'weai.status': 'failed' });
    expect(server).toMatchObject({ attributes: { 'error.type': '502' }, status: { code: 2 } });
  });

  test('an unknown model has no engine call, and its name is not recorded', async () => {
    const { server, calls, collector } = await traced([whole], { fields: { model: 'unknown' } });
    expect(calls).toEqual([]);
    expect(server.attributes).toMatchObject({ 'http.response.status_code': 404 });
    expect(collector.text).not.toContain('unknown');
  });

  test.each([{ stream: false }, { stream: true }])('no text is in them, with %o', async (fields) => {
    const { collector } = await traced([whole], { fields });
    expect(collector.spans).toHaveLength(2);
    expect(collector.text).not.toMatch(/USER TEXT|MODEL TEXT/);
  });
});

test('without an endpoint there is no tracing, and engines get no trace headers', async () => {
  expect(await openTracing({ otlpEndpoint: null }, silentLog)).toBeNull();
  const upstream = await new ScriptedUpstream(whole).listen();
  closing.push(() => upstream.close());
  const { app, url } = await chatServer([upstream.deployment()]);
  closing.push(() => app.close());
  await (await post(url)).text();
  expect(upstream.received[0]?.headers).not.toHaveProperty('traceparent');
});

test('a collector that is away delays the end of the server by little, and is complained of', async () => {
  const collector = new Collector();
  const otlpEndpoint = await collector.listen();
  collector.close();
  const warnings: unknown[] = [];
  const log = Object.assign(Object.create(silentLog), { warn: (...said: unknown[]) => warnings.push(said) });
  const tracing = await openTracing({ otlpEndpoint }, log);
  tracing?.begin({ id: 'r', method: 'GET', route: '/v1/models', headers: {} }).end(200, false);
  const startMs = performance.now();
  await tracing?.close();
  expect(performance.now() - startMs).toBeLessThan(5000);
  expect(warnings.length).toBeGreaterThan(0);
});
