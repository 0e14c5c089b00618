import { expect, test } from 'vitest';
import { refuseHopelessPrompt } from './prompt-size.ts';

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
