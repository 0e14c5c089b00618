import { describe, expect, test } from 'vitest';
import { formatDollars, parseDollars } from './money.ts';

describe('dollars', () => {
  test.each([
    ['0', 0, '0.00'],
    ['0.15', 150_000_000, '0.15'],
    ['12', 12_000_000_000, '12.00'],
    ['0.000000001', 1, '0.000000001'],
    ['0.1', 100_000_000, '0.10'],
    ['9000000', 9_000_000_000_000_000, '9000000.00'],
  ])('%s are %i nano-dollars', (text, nanos, shown) => {
    expect(parseDollars(text)).toBe(nanos);
    expect(formatDollars(nanos)).toBe(shown);
  });

  test.each(['-1', '1e3', '', 'free', '0.0000000001', '.5', '9999999999', 'NaN', '0x10'])(
    'refuses %j',
    (text) => {
      expect(() => parseDollars(text)).toThrow(RangeError);
    },
  );
});
