import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '@weai/protocol/errors';
import { SseParser } from '@weai/protocol/sse';
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import {
  bytes,
  chunk,
  events,
  type Script,
  ScriptedUpstream,
  status,
  usage,
} from '../engines/testing/scripted-upstream.ts';
import { Upstream, type UpstreamLimits } from '../engines/upstream.ts';
import { logRequests } from '../http/request-log.ts';
import type { MeteredRequest, Metering, Outcome } from '../ledger/metering.ts';
import type { ChatDependencies } from './routes.ts';
import { chatServer, post } from './testing.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Setup {
  kind?: 'vllm' | 'embedded' | 'ollama';
  imageInput?: boolean;
  limits?: Partial<UpstreamLimits>;
  eventStream?: ChatDependencies['eventStream'];
  metering?: ChatDependencies['metering'];
}

/** A server in front of one scripted upstream for each script. */
async function serve(scripts: Script[], setup: Setup = {}) {
  const upstreams = await Promise.all(scripts.map((script) => new ScriptedUpstream(script).listen()));
  const upstream = new Upstream(setup.limits);
  const deployments = upstreams.map((one) =>
    one.deployment({ kind: setup.kind ?? 'vllm' }, { imageInput: setup.imageInput ?? false }),
  );
  const server = await chatServer(deployments, {
    upstream,
    ...(setup.eventStream ? { eventStream: setup.eventStream } : {}),
    ...(setup.metering ? { metering: setup.metering } : {}),
  });
  closing.push(
    ...upstreams.map((one) => () => one.close()),
    () => upstream.close(),
    () => server.app.close(),
  );
  return { ...server, upstreams, deployments };
}

function dataOf(text: string): string[] {
  return new SseParser().push(new TextEncoder().encode(text));
}

function chunksOf(text: string): ChatCompletionChunk[] {
  return dataOf(text)
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data) as ChatCompletionChunk);
}

async function json(response: Response): Promise<ChatCompletion> {
  return (await response.json()) as ChatCompletion;
}

async function errorOf(response: Response): Promise<{ status: number; code: string; param: string | null }> {
  const { error } = (await response.json()) as { error: { code: string; param: string | null } };
  return { status: response.status, code: error.code, param: error.param };
}

const hello = events(
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'Hellö' }),
  chunk({ content: ' 🐢"\n' }),
  chunk({}, 'stop'),
  usage(10, 3, 4),
);
const helloUsage = {
  prompt_tokens: 10,
  completion_tokens: 3,
  total_tokens: 13,
  prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};
const helloCompletion = {
  id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
  object: 'chat.completion',
  created: expect.closeTo(Date.now() / 1000, -2),
  model: 'test-model',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hellö 🐢"\n', refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: helloUsage,
  service_tier: 'default',
  system_fingerprint: expect.stringMatching(/^fp_/),
};

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
      // oxlint-disable-next-line promise/avoid-new
      await new Promise((resolve) => void setTimeout(resolve, 150));
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
    closing.shift();
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

describe('a refused request', () => {
  const image = {
    role: 'user',
    content: [
      { type: 'text', text: 'a' },
      { type: 'image_url', image_url: { url: 'https://a' } },
    ],
  };
  const tooLong = {
    message: 'The prompt has 5000 tokens, the context 4096.',
    code: 'context_length_exceeded',
    param: 'messages',
  };
  test.each<[string, Setup, object, Script, { status: number; code: string; param: string | null }]>([
    [
      'an unknown model',
      {},
      { model: 'unknown' },
      bytes(hello),
      { status: 404, code: 'model_not_found', param: 'model' },
    ],
    [
      'an unknown field',
      {},
      { foo: 1 },
      bytes(hello),
      { status: 400, code: 'unknown_parameter', param: 'foo' },
    ],
    [
      'an image where only text is read',
      {},
      { messages: [image] },
      bytes(hello),
      { status: 400, code: 'unsupported_value', param: 'messages.0.content.1' },
    ],
    [
      'a field that the engine lacks',
      { kind: 'ollama' },
      { top_k: 5 },
      bytes(hello),
      { status: 400, code: 'unsupported_parameter', param: 'top_k' },
    ],
    [
      'a prompt too long for our engine',
      { kind: 'embedded' },
      {},
      status(400, { error: tooLong }),
      { status: 400, code: 'context_length_exceeded', param: 'messages' },
    ],
    [
      'a prompt too long for vLLM',
      {},
      {},
      status(400, {
        error: {
          message: "This model's maximum context length is 4096 tokens.",
          type: 'BadRequestError',
          param: null,
          code: 400,
        },
      }),
      { status: 400, code: 'context_length_exceeded', param: 'messages' },
    ],
    [
      'a request that the engine refuses',
      {},
      {},
      status(422, { detail: 'bad grammar' }),
      { status: 400, code: 'invalid_request', param: null },
    ],
  ])('for %s', async (_, setup, fields, script, expected) => {
    const { url } = await serve([script, script], setup);
    expect(await errorOf(await post(url, fields))).toEqual(expected);
    expect(await errorOf(await post(url, { ...fields, stream: true }))).toEqual(expected);
  });

  test('an image goes to a deployment that takes it', async () => {
    const { url } = await serve([bytes(hello)], { imageInput: true });
    const pixel =
      'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const content = [{ type: 'image_url', image_url: { url: pixel } }];
    expect((await post(url, { messages: [{ role: 'user', content }] })).status).toBe(200);
    expect(await errorOf(await post(url, { messages: [image] }))).toEqual({
      status: 400,
      code: 'unsupported_value',
      param: 'messages.0.content.1.image_url.url',
    });
  });
});

const hang =
  (text: string): Script =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text || ': waiting\n\n');
  };

describe('a request that has to end early', () => {
  test.each<[string, boolean, string, number]>([
    ['a stream gets an error event', true, hello.slice(0, 300), 200],
    ['a stream before its first chunk the status', true, '', 401],
    ['a JSON answer the status', false, hello.slice(0, 300), 401],
  ])('%s, and the engine stops', async (_, stream, text, expected) => {
    const { url, upstreams, router, running, deployments } = await serve([hang(text)]);
    const answer = post(url, { stream }).then(async (response) => ({
      status: response.status,
      text: await response.text(),
    }));
    await expect.poll(() => upstreams[0]?.received.length).toBe(1);
    await sleep(50);
    running.end(new ApiError('invalid_api_key', 'It was revoked.'));
    const got = await answer;
    expect(got.status).toBe(expected);
    const last = expected === 200 ? (dataOf(got.text).at(-1) ?? '') : got.text;
    expect(JSON.parse(last)).toEqual({
      error: {
        message: 'It was revoked.',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
    });
    expect(got.text).not.toContain('[DONE]');
    expect(await upstreams[0]?.received[0]?.closed).toEqual({ aborted: true });
    expect(router.inFlight(deployments[0]?.id ?? '')).toBe(0);
  });

  test('because the server stops is not given to another deployment', async () => {
    const { url, upstreams, running } = await serve([hang(''), bytes(hello)]);
    const answer = post(url);
    await expect.poll(() => upstreams[0]?.received.length).toBe(1);
    running.end(new ApiError('server_draining', 'It stops.'));
    expect(await errorOf(await answer)).toMatchObject({ status: 503, code: 'server_draining' });
    expect(upstreams[1]?.received).toEqual([]);
  });
});

describe('a client that leaves', () => {
  test.each([
    ['a stream', true, hello.slice(0, 300)],
    ['a stream before its first chunk', true, ''],
    ['a JSON answer', false, hello.slice(0, 300)],
  ])('of %s stops the engine within 100 ms', { retry: 2 }, async (_, stream, text) => {
    const { url, upstreams, router, deployments } = await serve([hang(text)]);
    const client = new AbortController();
    const answer = post(url, { stream }, client.signal).then((response) => response.text());
    await expect.poll(() => upstreams[0]?.received.length).toBe(1);
    await sleep(50);
    const leftMs = performance.now();
    client.abort();
    await expect(answer).rejects.toThrow('aborted');
    expect(await upstreams[0]?.received[0]?.closed).toEqual({ aborted: true });
    expect(performance.now() - leftMs).toBeLessThan(100);
    await expect.poll(() => router.inFlight(deployments[0]?.id ?? '')).toBe(0);
  });
});

/** Keeps what a metering is told. */
function recordingMetering(): { metering: Metering; reserved: MeteredRequest[]; outcomes: Outcome[] } {
  const reserved: MeteredRequest[] = [];
  const outcomes: Outcome[] = [];
  const metering: Metering = {
    reserve: (request) => {
      reserved.push(request);
      return Promise.resolve({
        id: null,
        dispatched: () => undefined,
        progress: () => undefined,
        settle: (outcome) => Promise.resolve(void outcomes.push(outcome)),
      });
    },
  };
  return { metering, reserved, outcomes };
}

const helloCounts = {
  promptTokens: helloUsage.prompt_tokens,
  cachedTokens: helloUsage.prompt_tokens_details.cached_tokens,
  completionTokens: helloUsage.completion_tokens,
  reasoningTokens: 0,
};

describe('metering', () => {
  test.each<[string, Script, object, Partial<Outcome>]>([
    ['an answer', bytes(hello), {}, { status: 'completed', counts: helloCounts, error: null }],
    ['a stream', bytes(hello), { stream: true }, { status: 'completed', counts: helloCounts, error: null }],
    ['a refusal by the engine', status(400, {}), {}, { status: 'failed', timeToFirstTokenMs: null }],
    [
      'a stream that breaks',
      bytes(hello.slice(0, 300)),
      { stream: true },
      { status: 'failed', countsFrom: 'stream' },
    ],
  ])('settles %s once, before the last byte', async (_, script, fields, expected) => {
    const { metering, reserved, outcomes } = recordingMetering();
    const { url } = await serve([script], { metering });
    await (await post(url, fields)).text();
    expect(reserved).toMatchObject([{ modelId: 'test-model', promptBytes: 2, choices: 1 }]);
    expect(outcomes).toEqual([expect.objectContaining(expected)]);
  });

  test('counts the pieces of a stream that its client leaves', async () => {
    const { metering, outcomes } = recordingMetering();
    const { url } = await serve(
      [
        async (response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          for (let piece = 0; piece < 100 && !response.destroyed; piece += 1) {
            response.write(`data: ${JSON.stringify(chunk({ content: `word${piece}` }))}\n\n`);
            await new Promise((resolve) => void setTimeout(resolve, 5));
          }
        },
      ],
      { metering },
    );
    const client = new AbortController();
    const answer = await post(url, { stream: true }, client.signal);
    let seen = '';
    for await (const piece of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      seen += piece;
      if (seen.includes('word9"')) break;
    }
    client.abort();
    await expect.poll(() => outcomes).toMatchObject([{ status: 'cancelled', countsFrom: 'stream' }]);
    const generated = outcomes[0]?.counts.completionTokens ?? 0;
    expect(generated).toBeGreaterThanOrEqual(10);
    expect(generated).toBeLessThan(50);
  });

  test('counts all pieces of a JSON answer that its client leaves', async () => {
    const pieces = 13;
    const { metering, outcomes } = recordingMetering();
    const sent = Promise.withResolvers<void>();
    const { url } = await serve(
      [
        async (response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          for (let piece = 0; piece < pieces; piece += 1) {
            response.write(`data: ${JSON.stringify(chunk({ content: `word${piece}` }))}\n\n`);
            await sleep(1);
          }
          sent.resolve();
        },
      ],
      { metering },
    );
    const client = new AbortController();
    const answer = post(url, {}, client.signal);
    await sent.promise;
    await sleep(20);
    client.abort();
    await expect(answer).rejects.toThrow('aborted');
    await expect.poll(() => outcomes).toMatchObject([{ status: 'cancelled', countsFrom: 'stream' }]);
    expect(outcomes[0]?.counts.completionTokens).toBe(pieces);
  });

  test('that refuses keeps the request from the engine', async () => {
    const metering: Metering = {
      reserve: ({ setHeader }) => {
        setHeader('x-ratelimit-limit-requests', '7');
        return Promise.reject(new ApiError('rate_limit_exceeded', 'Too many requests.'));
      },
    };
    const { url, upstreams } = await serve([bytes(hello)], { metering });
    const answer = await post(url);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('x-ratelimit-limit-requests')).toBe('7');
    expect(upstreams[0]?.received).toEqual([]);
  });
});

test("the request's line in the log has its counts and no text", async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
  const upstream = await new ScriptedUpstream(
    bytes(events(chunk({ content: 'MODEL TEXT' }), chunk({}, 'stop'), usage(12, 5, 4))),
  ).listen();
  const deployment = upstream.deployment();
  const { app, url } = await chatServer([deployment], {}, (server) => logRequests(server, log));
  closing.push(
    () => upstream.close(),
    () => app.close(),
  );
  await (await post(url, { messages: [{ role: 'user', content: 'USER TEXT' }] })).text();
  await expect.poll(() => lines.length).toBe(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    route: '/v1/chat/completions',
    status: 200,
    model: 'test-model',
    deployment: deployment.id,
    outcome: 'completed',
    promptTokens: 12,
    cachedTokens: 4,
    completionTokens: 5,
    queueMs: null,
    timeToFirstTokenMs: expect.any(Number),
  });
  expect(lines[0]).not.toMatch(/TEXT/);
});
