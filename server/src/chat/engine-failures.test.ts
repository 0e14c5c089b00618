import { describe, expect, test } from 'vitest';
import { bytes, chunk, type Script, status } from '../engines/testing/scripted-upstream.ts';
import type { UpstreamLimits } from '../engines/upstream.ts';
import { dataOf, errorOf, hello, serve } from './scripted-chat.testing.ts';
import { post } from './testing.ts';

test('a model that is connected back to this server is told after five rounds', async () => {
  const round: Script = async (response, { headers }) => {
    const again = await post(url, {}, undefined, { 'x-weai-hops': String(headers['x-weai-hops']) });
    response.writeHead(again.status, { 'content-type': 'application/json' });
    response.end(await again.text());
  };
  const { url, upstreams } = await serve([round]);
  expect(await errorOf(await post(url))).toEqual({ status: 508, code: 'loop_detected', param: null });
  expect(upstreams[0]?.received.map(({ headers }) => headers['x-weai-hops'])).toEqual([
    '1',
    '2',
    '3',
    '4',
    '5',
  ]);
});

describe('a failing engine', () => {
  const errorEvent = `data: ${JSON.stringify(chunk({ content: 'a' }))}\n\ndata: {"error":{"message":"secret path","code":500}}\n\n`;
  const cut = hello.slice(0, hello.indexOf('data: {', 300));
  const partial =
    (text: string): Script =>
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(text, () => setTimeout(() => response.destroy(), 20));
    };

  test.each<[string, Script, number, string]>([
    ['an error event', bytes(errorEvent), 502, 'engine_error'],
    ['a connection that breaks', partial(cut), 502, 'engine_crashed'],
    ['a stream that ends early', bytes(cut), 502, 'engine_crashed'],
    ['[DONE] without a finish', bytes('data: [DONE]\n\n'), 502, 'engine_crashed'],
    ['a chunk that is no JSON', bytes('data: {"a\n\n'), 502, 'engine_error'],
    ['an answer that is no stream', status(200, {}), 502, 'engine_error'],
    ['a 500', status(500, { error: { message: 'secret path' } }), 502, 'engine_error'],
    ['a 401, which is ours to mend', status(401, { error: { message: 'secret path' } }), 502, 'engine_error'],
    ['a 429', status(429, {}, { 'retry-after': '7' }), 503, 'engine_overloaded'],
    ['a 503', status(503, {}), 503, 'engine_overloaded'],
  ])('%s', async (_, script, expectedStatus, code) => {
    const { url } = await serve([script]);
    const response = await post(url);
    expect(await response.clone().text()).not.toContain('secret');
    expect(await errorOf(response)).toEqual({ status: expectedStatus, code, param: null });

    const text = await (await post(url, { stream: true })).text();
    expect(text).not.toContain('[DONE]');
    expect(text).not.toContain('secret');
    expect(text).toContain(`"code":"${code}"`);
  });

  test('in the middle of a stream gives what came before, then the error', async () => {
    const { url } = await serve([partial(cut)]);
    const response = await post(url, { stream: true });
    const data = dataOf(await response.text());
    expect(response.status).toBe(200);
    expect(data.length).toBeGreaterThan(1);
    expect(JSON.parse(data.at(-1) ?? '')).toEqual({
      error: { message: expect.any(String), type: 'server_error', param: null, code: 'engine_crashed' },
    });
  });

  test('that is busy says when to come back', async () => {
    const { url } = await serve([status(429, {}, { 'retry-after': '7' })]);
    expect((await post(url)).headers.get('retry-after')).toBe('7');
  });

  test('that isn’t there', async () => {
    const { url, upstreams } = await serve([bytes(hello)]);
    await upstreams[0]?.close();
    expect(await errorOf(await post(url))).toEqual({ status: 503, code: 'engine_unavailable', param: null });
  });

  test.each<[string, Partial<UpstreamLimits>, Script]>([
    ['before its first byte', { firstByteTimeoutMs: 100 }, () => undefined],
    [
      'in the middle',
      { silenceTimeoutMs: 100 },
      (response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(cut),
    ],
  ])('that falls silent %s', async (_, limits, script) => {
    const { url } = await serve([script], { limits });
    expect(await errorOf(await post(url))).toEqual({ status: 504, code: 'engine_timeout', param: null });
  });

  test.each<[string, Script]>([
    ['429', status(429, {})],
    ['500', status(500, {})],
    ['an error as its first event', bytes('data: {"error":{"message":"x"}}\n\n')],
    ['a broken connection', (response) => void response.destroy()],
    ['silence before its first byte', () => undefined],
    [
      'silence before its first event',
      (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
    ],
  ])('with %s is replaced by the next deployment', async (_, script) => {
    const limits = { firstByteTimeoutMs: 200, silenceTimeoutMs: 200 };
    const { url, deployments } = await serve([script, bytes(hello)], { limits });
    const response = await post(url, { stream: true });
    expect(response.headers.get('x-weai-deployment')).toBe(deployments[1]?.id);
    expect(dataOf(await response.text()).at(-1)).toBe('[DONE]');
  });

  test('is not replaced once the client has a part', async () => {
    const { url, upstreams } = await serve([partial(cut), bytes(hello)]);
    expect(await (await post(url, { stream: true })).text()).toContain('engine_crashed');
    expect(upstreams[1]?.received).toEqual([]);
  });
});
