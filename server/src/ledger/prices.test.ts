import { describe, expect, test } from 'vitest';
import { machineCost, tokenCost } from './prices.ts';

const price = { input: 150_000_000, cachedInput: 75_000_000, output: 600_000_000 };
const counts = { promptTokens: 1000, cachedTokens: 400, completionTokens: 50, reasoningTokens: 0 };

describe('tokenCost', () => {
  test('takes cached prompt tokens at their own price', () => {
    expect(tokenCost(counts, price)).toBe(600 * 150 + 400 * 75 + 50 * 600);
  });
  test('is zero without a price', () => expect(tokenCost(counts, null)).toBe(0));
  test('is exact where floating point is not', () => {
    const huge = { promptTokens: 999_999_999, cachedTokens: 0, completionTokens: 1, reasoningTokens: 0 };
    expect(tokenCost(huge, { input: 9_007_199, cachedInput: 0, output: 500_000 })).toBe(9_007_198_991);
  });
});

test('machineCost is the share of an hour', () => {
  expect(machineCost(1800, 2_000_000_000)).toBe(1_000_000_000);
  expect(machineCost(0.001, 3_600_000_000)).toBe(1000);
});
