import { formatCount, formatUsd } from '../../answers/format.ts';
import type { Measure } from './search.ts';

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const dayFormat = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** "Nov 24" for the start of a day (UTC, Unix seconds). */
export function formatDay(day: number): string {
  return dayFormat.format(day * 1000);
}

/** "1.2M" where space is short. */
export function formatCompact(count: number): string {
  return compact.format(count);
}

/** A value of a measure: dollars, or a count. */
export function formatMeasure(value: number, measure: Measure, short = false): string {
  if (measure === 'cost' || measure === 'machine') return formatUsd(value);
  return short ? formatCompact(value) : formatCount(value);
}

export const measureNames: Record<Measure, string> = {
  cost: 'Price',
  machine: 'Measured cost',
  tokens: 'Tokens',
  requests: 'Requests',
};
