import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Charge, formatDollars, parseDollars, proportion } from './money.ts';

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

test('a proportion is what whole numbers of any size make of it, half up', () => {
  // Small and huge ones, so that sums lie on both sides of what floating point holds exactly, and near halves.
  const whole = fc.oneof(
    fc.nat(10_000),
    fc.maxSafeNat(),
    fc.nat(100).map((more) => 2 ** 53 / 1_000_000 + more),
  );
  const charge = fc.tuple(whole.map(Math.floor), whole.map(Math.floor));
  fc.assert(
    fc.property(
      fc.array(charge, { maxLength: 3 }),
      fc.constantFrom(1, 7, 1_000_000, 3_600_000),
      (charges, divisor) => {
        const sum = charges.reduce(
          (total, [quantity, price]) => total + BigInt(quantity) * BigInt(price),
          0n,
        );
        const double = BigInt(divisor) * 2n;
        expect(proportion(charges satisfies readonly Charge[], divisor)).toBe(
          Number((sum * 2n + BigInt(divisor)) / double),
        );
      },
    ),
    { numRuns: 2000 },
  );
  expect(proportion([[1, 500_000]], 1_000_000)).toBe(1);
  expect(proportion([[1, 499_999]], 1_000_000)).toBe(0);
});
