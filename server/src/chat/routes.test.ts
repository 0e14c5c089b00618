import { setTimeout as sleep } from 'node:timers/promises';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { describe, expect, test } from 'vitest';
import { bytes, chunk, events, type Script, usage } from '../engines/testing/scripted-upstream.ts';
import { dataOf, hello, helloCompletion, helloUsage, json, serve } from './scripted-chat.testing.ts';
import { post } from './testing.ts';

function chunksOf(text: string): ChatCompletionChunk[] {
  return dataOf(text)
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data) as ChatCompletionChunk);
}

describe('a JSON answer', () => {
  test('is the collected stream, with its headers', async () => {
    const { url, upstreams, deployments } = await serve([bytes(hello)]);
    const response = await post(url, { temperature: 0.5, metadata: { a: 'b' } });
    expect(response.status).toBe(200);
    expect(await json(response)).toEqual({ ...helloCompletion, metadata: { a: 'b' } });
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('x-request-id')).toBe('request-1');
    expect(response.headers.get('x-weai-deployment')).toBe(deployments[0]?.id);
    expect(response.headers.get('x-weai-stand-in')).toBeNull();
    expect(Number(response.headers.get('openai-processing-ms'))).toBeGreaterThanOrEqual(0);
    expect(upstreams[0]?.received[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: { 'x-request-id': 'request-1', accept: 'text/event-stream' },
      body: { model: 'upstream-name', stream: true, temperature: 0.5, cache_salt: 'project-1' },
    });
  });

  test('of a stand-in says so', async () => {
    const { url } = await serve([bytes(hello)]);
    const response = await post(url, { model: 'stand-in' });
    expect(response.headers.get('x-weai-stand-in')).toBe('true');
    expect((await json(response)).model).toBe('test-model');
  });

  test('the embedded engine is told whose caches to use; no other engine is told who asks', async () => {
    const embedded = await serve([bytes(hello)], { kind: 'embedded' });
    await post(embedded.url);
    expect(embedded.upstreams[0]?.received[0]?.headers['x-weai-cache-scope']).toBe('project-1');
    const remote = await serve([bytes(hello)]);
    await post(remote.url);
    expect(remote.upstreams[0]?.received[0]?.headers['x-weai-cache-scope']).toBeUndefined();
  });

  test('puts choices, tool calls and log probabilities together', async () => {
    const logprobs = {
      content: [{ token: 'a', logprob: -0.5, bytes: [97], top_logprobs: [] }],
      refusal: null,
    };
    const call = (index: number, fields: object) =>
      chunk({ tool_calls: [{ index, ...fields }] }, null, { index: 1 });
    const { url } = await serve([
      bytes(
        events(
          chunk({ role: 'assistant', content: '' }),
          chunk({ content: 'a' }, null, { logprobs }),
          chunk({ role: 'assistant', content: null }, null, { index: 1 }),
          call(0, { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"x"' } }),
          chunk({ content: 'a' }, null, { logprobs }),
          call(0, { function: { arguments: ':1}' } }),
          call(1, { id: 'c2', type: 'function', function: { name: 'g', arguments: '{}' } }),
          chunk({}, 'tool_calls', { index: 1 }),
          chunk({}, 'length'),
          usage(1, 2),
        ),
      ),
    ]);
    const { choices } = await json(await post(url, { n: 2, logprobs: true }));
    expect(choices).toEqual([
      {
        index: 0,
        message: { role: 'assistant', content: 'aa', refusal: null, annotations: [] },
        logprobs: { content: [...logprobs.content, ...logprobs.content], refusal: null },
        finish_reason: 'length',
      },
      {
        index: 1,
        message: {
          role: 'assistant',
          content: null,
          refusal: null,
          annotations: [],
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
            { id: 'c2', type: 'function', function: { name: 'g', arguments: '{}' } },
          ],
        },
        logprobs: null,
        finish_reason: 'tool_calls',
      },
    ]);
  });
});

describe('a stream', () => {
  test.each([true, false])('has the exact order of chunks; include_usage: %s', async (include_usage) => {
    const { url } = await serve([bytes(hello)]);
    const response = await post(url, { stream: true, stream_options: { include_usage } });
    const text = await response.text();
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-request-id')).toBe('request-1');
    expect(dataOf(text).at(-1)).toBe('[DONE]');
    const chunks = chunksOf(text);
    const shared = {
      id: chunks[0]?.id,
      object: 'chat.completion.chunk',
      created: chunks[0]?.created,
      model: 'test-model',
      service_tier: 'default',
      system_fingerprint: expect.stringMatching(/^fp_/),
      ...(include_usage ? { usage: null } : {}),
    };
    const choice = (delta: object, finish_reason: string | null = null) => ({
      ...shared,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    });
    expect(chunks).toStrictEqual([
      choice({ role: 'assistant', content: '' }),
      choice({ content: 'Hellö' }),
      choice({ content: ' 🐢"\n' }),
      choice({}, 'stop'),
      ...(include_usage ? [{ ...shared, choices: [], usage: helloUsage }] : []),
    ]);
  });

  const wild = hello
    .replaceAll('\n\n', '\r\n\r\n')
    .replaceAll('data: {', ': ping\r\n\r\nevent: message\r\nid: 1\r\ndata: {');
  test.each([1, 2, 3, 7, 64])(
    'is the same when the upstream sends %i bytes at a time, with CRLF and comments',
    async (size) => {
      const { url } = await serve([bytes(wild, size)]);
      expect(await json(await post(url))).toEqual(helloCompletion);
    },
  );

  test('keeps a silent connection alive, and still says what failed', async () => {
    const slow: Script = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      await sleep(150);
      response.end(hello);
    };
    const { url } = await serve([slow], { eventStream: { keepAliveMs: 40 } });
    const response = await post(url, { stream: true });
    expect(response.headers.get('openai-processing-ms')).toMatch(/^\d+$/);
    const text = await response.text();
    expect(text).toMatch(/^(: keep-alive\n\n)+data: /);
    expect(dataOf(text).at(-1)).toBe('[DONE]');
  });

  test('holds little for a reader that stalls, and gives it up', async () => {
    const text = `data: ${JSON.stringify(chunk({ content: 'x'.repeat(1000) }))}\n\n`.repeat(100);
    let written = 0;
    const flood: Script = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const pour = (): void => {
        do written += text.length;
        while (response.write(text) && written < 200_000_000);
      };
      response.on('drain', pour);
      pour();
    };
    const { url, upstreams } = await serve([flood], { eventStream: { stalledReaderMs: 500 } });
    const response = await post(url, { stream: true });
    await expect.poll(() => upstreams[0]?.received.length).toBe(1);
    expect(await upstreams[0]?.received[0]?.closed).toEqual({ aborted: true });
    // What the kernel's buffers of two connections take, and ours.
    expect(written).toBeLessThan(30_000_000);
    await expect(response.text()).rejects.toThrow('terminated');
  });
});
