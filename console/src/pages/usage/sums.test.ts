import { expect, test } from 'vitest';
import type { Measure } from './search.ts';
import { changeFrom, others, type PeriodUsage, reordered, seriesOf, type UsageTotals } from './sums.ts';

const totals = (requests: number): UsageTotals => ({
  requests,
  inputTokens: requests * 10,
  cachedTokens: requests,
  outputTokens: requests * 2,
  cost: requests * 0.1,
  machine: 10 - requests,
});

/** Groups that used 1, 2, … requests, each on the first day or the second; as many as are told by day have their days. */
function usageOf(count: number, measure: Measure): PeriodUsage {
  const days = [0, 86_400];
  const groups = Array.from({ length: count }, (_group, index) => {
    const requests = count - index;
    const day = days[requests % 2] ?? 0;
    return {
      id: `g${requests}`,
      name: `group ${requests}`,
      totals: totals(requests),
      byDay: new Map(index < 6 ? [[day, totals(requests)]] : []),
      day,
    };
  });
  const sumOf = (of: typeof groups) => totals(of.reduce((sum, group) => sum + group.totals.requests, 0));
  return {
    by: 'key',
    measure,
    days,
    total: sumOf(groups),
    byDay: new Map(days.map((each) => [each, sumOf(groups.filter(({ day }) => day === each))])),
    idle: [],
    idleUsd: 0,
    groups,
    groupCount: count,
  };
}

test.each([9, 40])(
  'the chart stacks the largest of %d groups and the rest as one, and loses nothing',
  (count) => {
    const series = seriesOf(usageOf(count, 'cost'));
    expect(series.map(({ id }) => id)).toEqual([
      ...Array.from({ length: 5 }, (_id, index) => `g${count - index}`),
      others,
    ]);
    for (const [index, day] of [0, 86_400].entries()) {
      const sum = series.reduce((total, { values }) => total + (values[index] ?? 0), 0);
      expect(sum).toBeCloseTo(usageOf(count, 'cost').byDay.get(day)?.cost ?? NaN, 12);
    }
  },
);

test('few groups have a colour each, and no others', () => {
  expect(seriesOf(usageOf(6, 'tokens')).map(({ name, values }) => [name, values])).toEqual([
    ['group 6', [72, 0]],
    ['group 5', [0, 60]],
    ['group 4', [48, 0]],
    ['group 3', [0, 36]],
    ['group 2', [24, 0]],
    ['group 1', [0, 12]],
  ]);
});

test('another measure has another order, which is known at once where all groups are', () => {
  const ids = (usage: PeriodUsage | null) => usage?.groups.map(({ id }) => id);
  expect(ids(reordered(usageOf(3, 'requests'), 'machine'))).toEqual(['g1', 'g2', 'g3']);
  expect(reordered(usageOf(7, 'requests'), 'machine')).toBeNull();
  expect(reordered({ ...usageOf(3, 'requests'), groupCount: 4 }, 'machine')).toBeNull();
});

test('a change needs something before it', () => {
  expect(changeFrom(0, 5)).toBeNull();
  expect(changeFrom(4, 5)).toBe(0.25);
});
