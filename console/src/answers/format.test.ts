import { expect, test } from 'vitest';
import { formatRate, formatUsd, formatUsualLength } from './format.ts';

test('dollars have as many digits as tell something, and thousands are set apart', () => {
  expect([0, 0.000042, 0.0421, 1.2, 12_345.678].map(formatUsd)).toEqual([
    '$0',
    '$0.000042',
    '$0.0421',
    '$1.20',
    '$12,345.68',
  ]);
});

test('no tokens a second are nothing, without digits', () => {
  expect([0, 7.3, 42.11, 1234.5].map(formatRate)).toEqual(['0', '7.30', '42.1', '1,235']);
});

test('a model’s usual length is told, and the context where it has none', () => {
  expect([1024, null, undefined].map(formatUsualLength)).toEqual([
    'up to 1,024',
    'up to the context',
    'up to the context',
  ]);
});
