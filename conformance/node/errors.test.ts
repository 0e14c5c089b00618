import { OpenAI } from 'openai';
import { afterAll, describe, expect, test } from 'vitest';
import { WeAI } from 'weai';
import { ask, client, clients, makeClient, model } from '../platform/clients.ts';
import { script, scriptedModel, scriptedRequests } from '../platform/script.ts';
import { scriptedEvent, scriptedStream } from '../platform/scripted-upstream.ts';

const request = { model, messages: ask('Hi'), max_completion_tokens: 2 };
const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

afterAll(() => script());

describe.each(clients)('error classes with %s', (_name, client) => {
  const bad = (overrides: object): Promise<unknown> =>
    client.chat.completions.create({ ...request, ...overrides }).then(
      () => 'no error',
      (error: unknown) => error,
    );

  test('AuthenticationError', async () => {
    const error = await client
      .withOptions({ apiKey: 'weai-wrong' })
      .chat.completions.create(request)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'invalid_request_error' });
    expect(String(error)).not.toContain('weai-wrong');
  });

  test('NotFoundError', async () => {
    const error = await bad({ model: 'gpt-4o' });
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({
      code: 'model_not_found',
      param: 'model',
      message: expect.stringContaining('gpt-4o'),
    });
  });

  test.each([
    ['temperature', { temperature: 3 }, 'temperature'],
    ['an unknown field', { temprature: 1 }, 'temprature'],
    [
      'a message',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'alien', content: 'b' },
        ],
      },
      'messages.1.role',
    ],
    ['n', { n: 0 }, 'n'],
  ])('BadRequestError names %s', async (_what, overrides, parameter) => {
    const error = await bad(overrides);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({
      param: parameter,
      code: expect.stringMatching(/\w/),
      type: 'invalid_request_error',
    });
    expect(error).toHaveProperty('requestID', expect.stringMatching(/\w{8,}/));
  });
});

test('an image for a model that reads none is refused with the path of the part', async () => {
  const refused = client.chat.completions.create({
    ...request,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: pixel } },
        ],
      },
    ],
  });
  await expect(refused).rejects.toMatchObject({
    status: 400,
    param: expect.stringMatching(/^messages\.0\.content\.1/),
  });
});

test('a prompt that does not fit is refused with both numbers, and nothing is cut', async () => {
  const error: unknown = await client.chat.completions
    .create({ ...request, messages: ask('word '.repeat(150_000)) })
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({ status: 400, code: 'context_length_exceeded', param: 'messages' });
  const numbers = String(error).match(/\d{4,}/g) ?? [];
  expect(numbers.length, String(error)).toBeGreaterThanOrEqual(2);
});

describe('what an upstream fails with', () => {
  const ofScripted = { ...request, model: scriptedModel };

  test.each([429, 500, 503])('%i becomes a 5xx that keeps its secrets', async (status) => {
    const pieces = ['{"error":{"message":"secret of the upstream"}}'];
    await script({ status, headers: { 'retry-after': '1' }, pieces });
    const error: unknown = await client.chat.completions
      .create(ofScripted)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({ type: 'server_error', param: null });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  test.each([
    ['HTML', { status: 200, pieces: ['<html>'] }],
    ['nothing', { status: 200, cut: true }],
    ['half an answer', { status: 200, pieces: ['{"id": "chatc'], cut: true }],
  ])('%s becomes a 5xx with a body in the API’s shape', async (_what, answer) => {
    await script(answer);
    const error = client.chat.completions.create(ofScripted);
    await expect(error).rejects.toMatchObject({ status: expect.closeTo(502, 5), type: 'server_error' });
  });

  test('a passing failure is mended by the client’s own retries', async () => {
    await script({ status: 503, headers: { 'retry-after': '0' } }, scriptedStream);
    const completion = await makeClient(WeAI, { maxRetries: 2 }).chat.completions.create(ofScripted);
    expect(completion).toMatchObject({
      model: 'scripted',
      choices: [{ message: { content: 'scripted words' } }],
    });
    expect(await scriptedRequests()).toBe(2);
  });

  test('a stream that breaks off ends in an error, never in a finish', async () => {
    await script({ ...scriptedStream, pieces: (scriptedStream.pieces ?? []).slice(0, 3), cut: true });
    const stream = await client.chat.completions.create({ ...ofScripted, stream: true });
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const chunk of stream) seen.push(chunk.choices[0]?.finish_reason);
    };
    await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError);
    expect(seen.every((finish) => finish === null)).toBe(true);
  });

  test('comments and split events of an upstream change nothing', async () => {
    const text = `: ping\n\n${(scriptedStream.pieces ?? []).join('').replace('scripted', 'é🙂')}`;
    const cut = Array.from({ length: Math.ceil(text.length / 7) }, (_, index) =>
      text.slice(index * 7, index * 7 + 7),
    );
    await script({ ...scriptedStream, pieces: cut });
    const stream = await client.chat.completions.create({ ...ofScripted, stream: true });
    let content = '';
    for await (const chunk of stream) content += chunk.choices[0]?.delta.content ?? '';
    expect(content).toMatch(/ words$/);
  });

  test('a content in the finish chunk is not lost', async () => {
    const pieces = [
      scriptedEvent({ delta: { role: 'assistant', content: 'one' } }),
      scriptedEvent({ delta: { content: ' two' }, finish_reason: 'stop' }),
      'data: [DONE]\n\n',
    ];
    await script({ ...scriptedStream, pieces });
    const stream = client.chat.completions.stream(ofScripted);
    expect(await stream.finalContent()).toBe('one two');
  });
});
