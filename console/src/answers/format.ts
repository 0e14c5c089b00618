/** "84 ms", "1.2 s". */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

const whole = new Intl.NumberFormat('en');
const cents = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** "1,234". */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** Where an answer is cut when no limit is set: at the model's usual length, or when the context is full. */
export function formatUsualLength(tokens: number | null | undefined): string {
  return tokens == null ? 'up to the context' : `up to ${formatCount(tokens)}`;
}

/** Dollars with as many digits as it takes to tell something: "$0.000042", "$1.20"; "$0" for nothing. */
export function formatUsd(usd: number): string {
  if (usd === 0) return '$0';
  if (usd >= 1) return `$${cents.format(usd)}`;
  if (usd >= 0.01) return `$${usd.toFixed(4)}`;
  return `$${usd.toPrecision(2).includes('e') ? usd.toFixed(9) : usd.toPrecision(2)}`;
}

/** "1,234", "42.1", "7.30" tokens a second. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond >= 100) return formatCount(Math.round(perSecond));
  return perSecond.toFixed(perSecond < 10 ? 2 : 1);
}
