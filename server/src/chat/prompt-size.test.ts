import { expect, test } from 'vitest';
import { refuseHopelessPrompt } from './prompt-size.ts';

test.each([
  [4095 * 256, 4096, false],
  [4095 * 256 + 1, 4096, true],
  [30_000_000, 8192, true],
  [30_000_000, null, false],
])('%i bytes for a context of %s tokens are hopeless: %s', (bytes, contextTokens, hopeless) => {
  const refuse = () => refuseHopelessPrompt(bytes, contextTokens);
  if (!hopeless) expect(refuse).not.toThrow();
  else
    expect(refuse).toThrow(expect.objectContaining({ code: 'context_length_exceeded', param: 'messages' }));
});
