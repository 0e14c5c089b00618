import { expect, test } from 'vitest';
import { verdict } from './targets.ts';

test.each([
  { bound: 'atLeast', measured: 4, expected: 'reached' },
  { bound: 'atLeast', measured: 3.99, expected: 'not reached' },
  { bound: 'atMost', measured: 4, expected: 'reached' },
  { bound: 'atMost', measured: 4.01, expected: 'not reached' },
  { bound: 'atMost', measured: Number.NaN, expected: 'not measured' },
  { bound: 'atLeast', measured: Number.NaN, expected: 'not measured' },
] as const)('$measured against $bound 4 is $expected', ({ bound, measured, expected }) => {
  expect(verdict({ name: 'figure', bound, target: 4, measured, unit: '' })).toBe(expected);
});
