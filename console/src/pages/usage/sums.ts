import type { Dimension, Measure } from './search.ts';

/** What was used. Dollars are by the price of the tokens (`cost`), and by the time of the machines. */
export interface UsageTotals {
  requests: number;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  cost: number;
  machine: number;
}

/** A model, key or project, and what it used in all; by day (UTC, Unix seconds) where it is one of the largest. */
export interface UsageGroup {
  id: string;
  name: string;
  totals: UsageTotals;
  byDay: ReadonlyMap<number, UsageTotals>;
}

/** What a deployment's machine cost while it was up and answered nothing, in dollars. */
export interface IdleDeployment {
  deployment: string;
  usd: number;
}

/** What was used in a period. */
export interface PeriodUsage {
  /** What the groups are, and what they are ordered by. */
  by: Dimension;
  measure: Measure;
  days: readonly number[];
  total: UsageTotals;
  byDay: ReadonlyMap<number, UsageTotals>;
  /** The most expensive first; empty where filters leave it out, or not all may be seen: the time is nobody's. */
  idle: readonly IdleDeployment[];
  idleUsd: number;
  /** Those that were read, the largest first. */
  groups: readonly UsageGroup[];
  /** How many there are. */
  groupCount: number;
}

export function measured(totals: UsageTotals, measure: Measure): number {
  return measure === 'tokens' ? totals.inputTokens + totals.outputTokens : totals[measure];
}

/** So many groups have a colour of their own in the chart; where there are more, the last colour is all others'. */
export const mostSeries = 6;

/** The same by another measure, where all of its groups are known by day; else null. */
export function reordered(usage: PeriodUsage, measure: Measure): PeriodUsage | null {
  if (usage.measure === measure) return usage;
  if (usage.groupCount > mostSeries || usage.groups.length < usage.groupCount) return null;
  const groups = usage.groups.toSorted(
    (one, other) => measured(other.totals, measure) - measured(one.totals, measure),
  );
  return { ...usage, measure, groups };
}

export interface Series {
  /** Of the group; `others` for all others as one. */
  id: string;
  name: string;
  /** One value for each day. */
  values: number[];
}

/** No group's id. */
export const others = '';

/** The stacks of the chart: the largest groups, and all others as one. */
export function seriesOf({ groups, groupCount, days, byDay, measure }: PeriodUsage): Series[] {
  const own = groups.slice(0, groupCount <= mostSeries ? mostSeries : mostSeries - 1);
  const valueOf = (totals: UsageTotals | undefined) => (totals === undefined ? 0 : measured(totals, measure));
  const series = own.map((group) => ({
    id: group.id,
    name: group.name,
    values: days.map((day) => valueOf(group.byDay.get(day))),
  }));
  if (own.length === groupCount) return series;
  // What is left of a day, without what floating point leaves of a nano-dollar.
  const rest = days.map((day, index) => {
    const known = series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0);
    return Math.max(0, Math.round((valueOf(byDay.get(day)) - known) * 1e9) / 1e9);
  });
  return [...series, { id: others, name: 'Others', values: rest }];
}

/** Change from what was before, as a share; null where there was nothing to compare with. */
export function changeFrom(before: number, now: number): number | null {
  return before === 0 ? null : (now - before) / before;
}
