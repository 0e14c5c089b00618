import { describe, expect, test } from 'vitest';
import { bytes, type Script, status } from '../engines/testing/scripted-upstream.ts';
import { errorOf, hello, serve, type Setup } from './scripted-chat.testing.ts';
import { post } from './testing.ts';

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
