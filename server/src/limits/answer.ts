import { ApiError } from '@weai/protocol/errors';
import type { MeteredRequest } from '../ledger/metering.ts';
import { formatDollars } from '../money.ts';
import type { Decision, Rate, Refusal } from './counters.ts';

/** A duration as OpenAI's headers have it: `20ms`, `8.64s`, `6m0s`. */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms));
  if (whole < 1000) return `${whole}ms`;
  if (whole < 60_000) return `${whole / 1000}s`;
  return `${Math.floor(whole / 60_000)}m${Math.ceil((whole % 60_000) / 1000)}s`;
}

type SetHeader = MeteredRequest['setHeader'];

/** Puts the `x-ratelimit-*` headers on an answer, for the rates that are limited. */
export function setRateHeaders(
  { requests, tokens }: Pick<Decision, 'requests' | 'tokens'>,
  setHeader: SetHeader,
): void {
  setHeadersOf(requestHeaders, requests, setHeader);
  setHeadersOf(tokenHeaders, tokens, setHeader);
}

interface RateHeaderNames {
  limit: string;
  remaining: string;
  reset: string;
}

/** Written out: a name that is put together for each answer is looked up among all property names each time. */
const requestHeaders: RateHeaderNames = {
  limit: 'x-ratelimit-limit-requests',
  remaining: 'x-ratelimit-remaining-requests',
  reset: 'x-ratelimit-reset-requests',
};
const tokenHeaders: RateHeaderNames = {
  limit: 'x-ratelimit-limit-tokens',
  remaining: 'x-ratelimit-remaining-tokens',
  reset: 'x-ratelimit-reset-tokens',
};

function setHeadersOf(names: RateHeaderNames, rate: Rate | null, setHeader: SetHeader): void {
  if (rate === null) return;
  setHeader(names.limit, String(rate.limit));
  setHeader(names.remaining, String(rate.remaining));
  setHeader(names.reset, formatDuration(rate.resetMs));
}

/** A refusal as the client sees it: what is used up, and when to come back. */
export function refusalError(
  { what, subject, limit, waitMs, held }: Refusal,
  nowMs: number = Date.now(),
): ApiError {
  const again = waitMs === null ? '' : ` Please try again in ${formatDuration(waitMs)}.`;
  const retry = waitMs === null ? {} : { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
  if (what === 'day' || what === 'month') {
    const budget = `the budget of $${formatDollars(limit)} a ${what} of this ${subject}`;
    if (held) {
      const message = `Requests under way hold the rest of ${budget}. A lower max_completion_tokens needs less.${again}`;
      return new ApiError('rate_limit_exceeded', message, retry);
    }
    const message = `This request may cost more than is left of ${budget}: ask for less with max_completion_tokens, ask the owner for more, or wait for the next ${what}.`;
    const retryAfterSeconds = Math.ceil((endOf(what, nowMs) - nowMs) / 1000);
    return new ApiError('insufficient_quota', message, { retryAfterSeconds });
  }
  if (what === 'tokens' && waitMs === null) {
    const message = `The request is too large for the limit of ${limit} tokens per minute of this ${subject}: send less text, or a lower max_completion_tokens.`;
    return new ApiError('rate_limit_exceeded', message, { retryAfterSeconds: 60 });
  }
  const names = {
    requests: 'requests per minute',
    tokens: 'tokens per minute',
    concurrency: 'requests at once',
  };
  return new ApiError(
    'rate_limit_exceeded',
    `Rate limit reached: ${limit} ${names[what]} for this ${subject}.${again}`,
    { retryAfterSeconds: 60, ...retry },
  );
}

/** When the day or month (UTC) that a time is in ends. */
function endOf(period: 'day' | 'month', nowMs: number): number {
  const now = new Date(nowMs);
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return period === 'day' ? Date.UTC(year, month, now.getUTCDate() + 1) : Date.UTC(year, month + 1);
}
