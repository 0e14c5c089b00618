import { parseChatRequest } from '@weai/protocol/parse-chat-request';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import { expect, test } from 'vitest';
import { boundedAnswer, boundedRequest } from './bounded.ts';

const request = (fields: object) =>
  parseChatRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...fields });
const user = (content: unknown) => ({ role: 'user', content });
const long = 300 * 1024;

function answer(content: string, logprobs: ChatCompletion.Choice['logprobs'] = null) {
  const message = { role: 'assistant' as const, content, refusal: null };
  const choice = { index: 0, message, logprobs, finish_reason: 'stop' as const };
  return { id: 'chatcmpl-1', object: 'chat.completion' as const, created: 1, model: 'm', choices: [choice] };
}

test('what is short is kept as it came', () => {
  const asked = request({
    temperature: 0.5,
    stop: ['x'],
    messages: [user('one'), user([{ type: 'text', text: 'two' }])],
  });
  expect(boundedRequest(asked)).toEqual({ value: asked, truncated: false });
  const answered = answer('hello');
  expect(boundedAnswer(answered)).toEqual({ value: answered, truncated: false });
});

test('who asked is not kept twice', () => {
  const { value } = boundedRequest(request({ user: 'u-1', safety_identifier: 's-1', metadata: { a: 'b' } }));
  expect(Object.keys(value)).toEqual(['model', 'messages']);
});

test('of a long conversation the last messages are kept', () => {
  const messages = Array.from({ length: 400 }, (_, index) => user(`${index} ${'x'.repeat(1000)}`));
  const { value, truncated } = boundedRequest(request({ messages }));
  const kept = value['messages'] as { content: string }[];
  expect(truncated).toBe(true);
  expect(kept.at(-1)?.content).toBe(messages.at(-1)?.content);
  expect(kept.length + Number(value['messages_left_out'])).toBe(400);
  expect(JSON.stringify(value).length).toBeLessThan(long);
});

test('a long text is cut where one sees it, and never through a character', () => {
  const { value, truncated } = boundedRequest(request({ messages: [user(`a${'😀'.repeat(long)}`)] }));
  const [message] = value['messages'] as { content: string }[];
  expect(truncated).toBe(true);
  expect(message?.content).toMatch(/^a(😀)+\uFFFD?…$/u);
  expect(message?.content.isWellFormed()).toBe(true);
});

test('an image is left out but for its type', () => {
  const url = `data:image/png;base64,${'A'.repeat(5000)}`;
  const { value, truncated } = boundedRequest(
    request({ messages: [user([{ type: 'image_url', image_url: { url } }])] }),
  );
  expect(truncated).toBe(true);
  expect(JSON.stringify(value)).toContain('"url":"data:image/png;base64,…"');
});

test('log-probabilities go before the answer does', () => {
  const content = Array.from({ length: 20_000 }, () => ({
    token: 'x',
    logprob: -1,
    bytes: [120],
    top_logprobs: [],
  }));
  const { value, truncated } = boundedAnswer(answer('short', { content, refusal: null }));
  expect([truncated, value.choices[0]?.logprobs, value.choices[0]?.message.content]).toEqual([
    true,
    null,
    'short',
  ]);
  const cut = boundedAnswer(answer('y'.repeat(long)));
  expect([cut.truncated, cut.value.choices[0]?.message.content?.endsWith('y…')]).toEqual([true, true]);
});

test('what PostgreSQL does not keep is replaced', () => {
  expect(boundedAnswer(answer('a\0b\uD800c')).value.choices[0]?.message.content).toBe('a\uFFFDb\uFFFDc');
});
