import type { Measure } from './search.ts';

/** What a group (a model, a key, a project) used in a day (UTC, Unix seconds). */
export interface UsageRow {
  day: number;
  group: string;
  requests: number;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  /** Dollars by the price of the tokens, and by the time of the machines. */
  cost: number;
  machine: number;
}

/** What a machine cost in a day while it was up and answered nothing, in dollars. */
export interface IdleRow {
  day: number;
  /** Null where days are told by something else: for all deployments together. */
  deployment: string | null;
  usd: number;
}

export type UsageTotals = Omit<UsageRow, 'day' | 'group'>;

const nothing: UsageTotals = {
  requests: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  cost: 0,
  machine: 0,
};

export function totalsOf(rows: readonly UsageTotals[]): UsageTotals {
  const sum = { ...nothing };
  for (const row of rows) {
    sum.requests += row.requests;
    sum.inputTokens += row.inputTokens;
    sum.cachedTokens += row.cachedTokens;
    sum.outputTokens += row.outputTokens;
    sum.cost += row.cost;
    sum.machine += row.machine;
  }
  return sum;
}

export function measured(totals: UsageTotals, measure: Measure): number {
  return measure === 'tokens' ? totals.inputTokens + totals.outputTokens : totals[measure];
}

/** A model, key or project, and what it used in all. */
export interface Group {
  group: string;
  totals: UsageTotals;
}

/** Groups with their totals, the largest first. */
export function byGroup(rows: readonly UsageRow[], measure: Measure): Group[] {
  return [...Map.groupBy(rows, ({ group }) => group)]
    .map(([group, of]) => ({ group, totals: totalsOf(of) }))
    .toSorted((one, other) => measured(other.totals, measure) - measured(one.totals, measure));
}

export interface Series {
  group: string;
  /** One value for each day. */
  values: number[];
}

/** So many groups have a colour of their own in the chart; the others are one. */
const mostSeries = 6;
export const others = 'Others';

/** The stacks of the chart: the largest groups, and all others as one. @param groups of these rows, the largest first. */
export function seriesOf(
  rows: readonly UsageRow[],
  groups: readonly Group[],
  days: readonly number[],
  measure: Measure,
): Series[] {
  const ranked = groups.map(({ group }) => group);
  const own = ranked.length <= mostSeries ? ranked : ranked.slice(0, mostSeries - 1);
  const place = new Map(own.map((group, index) => [group, index]));
  const series = own.map((group): Series => ({ group, values: days.map(() => 0) }));
  if (own.length < ranked.length) series.push({ group: others, values: days.map(() => 0) });
  const dayPlace = new Map(days.map((day, index) => [day, index]));
  for (const row of rows) {
    const values = series[place.get(row.group) ?? series.length - 1]?.values;
    const index = dayPlace.get(row.day);
    if (values !== undefined && index !== undefined)
      values[index] = (values[index] ?? 0) + measured(row, measure);
  }
  return series;
}

/** Change from what was before, as a share; null where there was nothing to compare with. */
export function changeFrom(before: number, now: number): number | null {
  return before === 0 ? null : (now - before) / before;
}

/** Dollars of idle time by deployment, the most expensive first. */
export function idleByDeployment(rows: readonly IdleRow[]): { deployment: string; usd: number }[] {
  const known = rows.flatMap(({ deployment, usd }) => (deployment === null ? [] : [{ deployment, usd }]));
  return [...Map.groupBy(known, ({ deployment }) => deployment)]
    .map(([deployment, of]) => ({ deployment, usd: idleTotal(of) }))
    .toSorted((one, other) => other.usd - one.usd);
}

export function idleTotal(rows: readonly { usd: number }[]): number {
  return rows.reduce((sum, { usd }) => sum + usd, 0);
}

/** A table for spreadsheets. Cells that a spreadsheet would run as a formula are made text. */
export function csvOf(
  { rows, idle }: { rows: readonly UsageRow[]; idle: readonly IdleRow[] },
  heading: string,
  nameOf: (group: string) => string,
): string {
  const cell = (value: string | number) => {
    const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const head = [
    'day',
    heading,
    `${heading}_name`,
    'requests',
    'input_tokens',
    'cached_input_tokens',
    'output_tokens',
    'price_usd',
    'measured_usd',
    'idle_usd',
  ];
  const lines = rows.map((row) => [
    new Date(row.day * 1000).toISOString().slice(0, 10),
    row.group,
    nameOf(row.group),
    row.requests,
    row.inputTokens,
    row.cachedTokens,
    row.outputTokens,
    decimal(row.cost),
    decimal(row.machine),
    '0.0',
  ]);
  // Time that nobody used is no model's, key's or project's: it has lines of its own.
  const idleLines = idle.map(({ day, deployment, usd }) => [
    new Date(day * 1000).toISOString().slice(0, 10),
    '',
    `idle ${deployment ?? ''}`.trim(),
    0,
    0,
    0,
    0,
    '0.0',
    '0.0',
    decimal(usd),
  ]);
  return (
    [head, ...lines, ...idleLines].map((line) => line.map((each) => cell(each)).join(',')).join('\r\n') +
    '\r\n'
  );
}

/** Dollars to the nano-dollar, never as 1e-7. */
function decimal(usd: number): string {
  return usd.toFixed(9).replace(/0+$/, '').replace(/\.$/, '.0');
}
