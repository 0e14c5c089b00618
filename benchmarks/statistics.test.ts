import { describe, expect, test } from 'vitest';
import { gaps, median, medianOfRounds, quantile } from './statistics.ts';

describe('quantile', () => {
  test.each([
    { samples: [5], fraction: 0.99, expected: 5 },
    { samples: [3, 1, 2], fraction: 0.5, expected: 2 },
    { samples: [4, 1, 3, 2], fraction: 0.5, expected: 2.5 },
    { samples: [0, 10], fraction: 0.9, expected: 9 },
    { samples: [10, 2, 1], fraction: 1, expected: 10 },
    { samples: [10, 2, 1], fraction: 0, expected: 1 },
  ])('$fraction of $samples is $expected', ({ samples, fraction, expected }) => {
    expect(quantile(samples, fraction)).toBeCloseTo(expected, 10);
  });

  test('has no value without samples, rather than a zero that looks measured', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });

  test('sorts by number, not by text, and leaves its input as it was', () => {
    const samples = [100, 9, 20];
    expect(median(samples)).toBe(20);
    expect(samples).toEqual([100, 9, 20]);
  });
});

test('gaps are the differences of neighbours', () => {
  expect(gaps([1, 4, 4, 9])).toEqual([3, 0, 5]);
  expect(gaps([7])).toEqual([]);
});

describe('medianOfRounds', () => {
  test('takes the median of every figure by itself', () => {
    const rounds = [
      { wallMs: 1, tokens: 30 },
      { wallMs: 9, tokens: 10 },
      { wallMs: 2, tokens: 20 },
    ];
    expect(medianOfRounds(rounds)).toEqual({ wallMs: 2, tokens: 20 });
  });

  test('refuses to make figures out of no round', () => {
    expect(() => medianOfRounds([])).toThrow(RangeError);
  });
});
