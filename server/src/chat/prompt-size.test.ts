import { expect, test } from 'vitest';
import { parseChatRequest } from '@weai/protocol/parse-chat-request';
import { promptSize, refuseHopelessPrompt, refuseHopelessTools } from './prompt-size.ts';

test.each([
  [4095 * 256, 4096],
  [30_000_000, null],
])('%i bytes may fit into a context of %s tokens', (bytes, contextTokens) => {
  expect(() => refuseHopelessPrompt(bytes, contextTokens)).not.toThrow();
});

test.each([
  [4095 * 256 + 1, 4096],
  [30_000_000, 8192],
])('%i bytes can not fit into a context of %i tokens', (bytes, contextTokens) => {
  const refusal = { code: 'context_length_exceeded', param: 'messages' };
  expect(() => refuseHopelessPrompt(bytes, contextTokens)).toThrow(expect.objectContaining(refusal));
});

const long = 'ä'.repeat(31_000_000);
const called = { name: 'f', arguments: JSON.stringify({ long }) };
const assistant = { role: 'assistant', tool_calls: [{ id: '1', type: 'function', function: called }] };
const answered = { role: 'tool', tool_call_id: '1', content: 'x' };

test.each([
  [{ tools: [{ type: 'function', function: { name: 'f', description: long } }] }],
  [{ response_format: { type: 'json_schema', json_schema: { name: 'f', description: long } } }],
  [{ messages: [{ role: 'user', content: 'x' }, assistant, answered] }],
])('31 million characters of tools are refused before they are measured (%#)', (fields) => {
  const messages = [{ role: 'user', content: 'x' }];
  const request = parseChatRequest({ model: 'm', messages, ...fields });
  const startMs = performance.now();
  expect(() => refuseHopelessTools(request, 4096)).toThrow(
    expect.objectContaining({ code: 'context_length_exceeded', param: 'messages' }),
  );
  const refusedMs = performance.now();
  expect(promptSize(request).bytes).toBeGreaterThan(62_000_000);
  expect(refusedMs - startMs).toBeLessThan((performance.now() - refusedMs) / 4);
  expect(() => refuseHopelessTools(request, null)).not.toThrow();
});
