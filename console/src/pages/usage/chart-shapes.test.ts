import { expect, test } from 'vitest';
import { namedDays, stackedBars, ticksUpTo } from './chart-shapes.ts';

test.each([
  [0.0028, [0, 0.001, 0.002, 0.003]],
  [1, [0, 0.25, 0.5, 0.75, 1]],
  [87, [0, 25, 50, 75, 100]],
  [12_000_001, [0, 5e6, 10e6, 15e6]],
])('the lines of a chart up to %d', (highest, expected) => {
  const ticks = ticksUpTo(highest);
  expect(ticks).toHaveLength(expected.length);
  for (const [index, tick] of ticks.entries()) expect(tick).toBeCloseTo(expected[index] ?? NaN, 9);
});

test('counts have whole lines, and nothing has one as well', () => {
  expect(ticksUpTo(3, { whole: true })).toEqual([0, 1, 2, 3]);
  expect(ticksUpTo(0)).toEqual([0, 1]);
});

test('few enough days are named', () => {
  for (const days of [7, 30, 90]) {
    const { narrow, wide } = namedDays(days);
    expect(narrow % wide).toBe(0);
    expect(Math.ceil(days / wide)).toBeLessThanOrEqual(12);
    expect(Math.ceil(days / narrow)).toBeLessThanOrEqual(5);
  }
});

test('bars stand upon each other, and none is drawn for nothing', () => {
  expect(
    stackedBars(
      [
        [2, 0],
        [2, 4],
      ],
      2,
      4,
    ),
  ).toEqual(['M0.3 1V0.5h0.4V1z', 'M0.3 0.5V0h0.4V0.5zM1.3 1V0h0.4V1z']);
});
