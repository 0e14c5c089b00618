import { expect, test } from 'vitest';
import {
  byGroup,
  changeFrom,
  csvOf,
  idleByDeployment,
  others,
  seriesOf,
  totalsOf,
  type UsageRow,
} from './sums.ts';

const row = (day: number, group: string, requests: number): UsageRow => ({
  day,
  group,
  requests,
  inputTokens: requests * 10,
  cachedTokens: requests,
  outputTokens: requests * 2,
  cost: requests * 1e-7,
  machine: requests / 2,
});

test('groups are ranked by what is measured, and add up', () => {
  const rows = [row(1, 'small', 1), row(1, 'large', 5), row(2, 'small', 2)];
  expect(byGroup(rows, 'requests').map(({ group, totals }) => [group, totals.requests])).toEqual([
    ['large', 5],
    ['small', 3],
  ]);
  expect(totalsOf(rows)).toMatchObject({ requests: 8, inputTokens: 80, outputTokens: 16, machine: 4 });
});

test('the chart stacks the largest groups and the rest as one, and loses nothing', () => {
  const rows = Array.from({ length: 9 }, (_row, index) => row(index % 2, `g${index}`, index + 1));
  const series = seriesOf(rows, byGroup(rows, 'tokens'), [0, 1], 'tokens');
  expect(series.map(({ group }) => group)).toEqual(['g8', 'g7', 'g6', 'g5', 'g4', others]);
  const sum = series.flatMap(({ values }) => values).reduce((one, other) => one + other);
  expect(sum).toBe(45 * 12);
});

test('a change needs something before it', () => {
  expect(changeFrom(0, 5)).toBeNull();
  expect(changeFrom(4, 5)).toBe(0.25);
});

test('CSV quotes, and no cell is a formula', () => {
  const csv = csvOf({ rows: [row(0, 'k1', 1)], idle: [] }, 'key', () => '=HYPERLINK("http://x")');
  expect(csv.split('\r\n')[1]).toBe(`1970-01-01,k1,"'=HYPERLINK(""http://x"")",1,10,1,2,0.0000001,0.5,0.0`);
});

test('idle time is summed by deployment, and has lines of its own in the table', () => {
  const idle = [
    { day: 0, deployment: 'small', usd: 0.1 },
    { day: 0, deployment: 'large', usd: 0.25 },
    { day: 86_400, deployment: 'large', usd: 0.25 },
  ];
  expect(idleByDeployment(idle)).toEqual([
    { deployment: 'large', usd: 0.5 },
    { deployment: 'small', usd: 0.1 },
  ]);
  const lines = csvOf({ rows: [], idle }, 'model', (group) => group).split('\r\n');
  expect(lines[0]).toMatch(/,measured_usd,idle_usd$/);
  expect(lines[3]).toBe('1970-01-02,,idle large,0,0,0,0,0.0,0.0,0.25');
});
