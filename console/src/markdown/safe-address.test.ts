import { expect, it } from 'vitest';
import { safeAddress } from './safe-address.ts';

it.each([
  ['https://example.com/a?b=c', 'https://example.com/a?b=c'],
  ['mailto:a@example.com', 'mailto:a@example.com'],
  ['javascript:alert(1)', null],
  [' java\nscript:alert(1)', null],
  ['JaVaScRiPt:alert(1)', null],
  ['data:text/html,<script>alert(1)</script>', null],
  ['vbscript:x', null],
  ['//evil.example', null],
  ['/v1/me', null],
  ['streamdown:incomplete-link', null],
])('%j becomes %j', (address, expected) => {
  expect(safeAddress(address)).toBe(expected);
});
