import { formatCount } from '../answers/format.ts';
import type { Limit } from '../api/organization.ts';

const dollars = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' });

/** Dollars as they are set and spent: "$1,250.00", "$0.0004". */
export function formatBudget(usd: string): string {
  const value = Number(usd);
  return value === 0 || value >= 0.01 ? dollars.format(value) : `$${usd.replace(/0+$/, '')}`;
}

/** What is limited, in short phrases: "60 requests/min", "$5.00 a day". Empty when nothing is. */
export function describeLimits(limit: Limit): string[] {
  const phrases = [
    limit.requests_per_minute !== null && `${formatCount(limit.requests_per_minute)} requests/min`,
    limit.tokens_per_minute !== null && `${formatCount(limit.tokens_per_minute)} tokens/min`,
    limit.concurrent_requests !== null && `${formatCount(limit.concurrent_requests)} at once`,
    limit.usd_per_day !== null && `${formatBudget(limit.usd_per_day)} a day`,
    limit.usd_per_month !== null && `${formatBudget(limit.usd_per_month)} a month`,
    limit.allowed_models !== null &&
      (limit.allowed_models.length === 1
        ? `only ${limit.allowed_models[0]}`
        : `${limit.allowed_models.length} models`),
  ];
  return phrases.filter((phrase) => phrase !== false);
}
