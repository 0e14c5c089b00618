import { expect, test } from 'vitest';
import { formatDuration, refusalError, setRateHeaders } from './answer.ts';

test.each([
  [0, '0ms'],
  [20, '20ms'],
  [999.2, '1s'],
  [8640, '8.64s'],
  [360_000, '6m0s'],
  [61_001, '1m2s'],
])('%d ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

test('headers say what is limited and no more', () => {
  const headers: [string, string][] = [];
  setRateHeaders(
    { requests: { limit: 10, remaining: 9, resetMs: 6000 }, tokens: null },
    (name, value) => void headers.push([name, value]),
  );
  expect(headers).toEqual([
    ['x-ratelimit-limit-requests', '10'],
    ['x-ratelimit-remaining-requests', '9'],
    ['x-ratelimit-reset-requests', '6s'],
  ]);
});

test.each([
  ['requests', false, 1500, 'rate_limit_exceeded', 2],
  ['concurrency', false, 1000, 'rate_limit_exceeded', 1],
  ['tokens', false, null, 'rate_limit_exceeded', 60],
  ['day', true, 1000, 'rate_limit_exceeded', 1],
  ['day', false, null, 'insufficient_quota', 1],
  ['month', false, null, 'insufficient_quota', 1],
] as const)('a refusal for %s (held: %s)', (what, held, waitMs, code, retryAfterSeconds) => {
  const nowMs = Date.UTC(2026, 11, 31, 23, 59, 59, 300);
  const error = refusalError({ what, subject: 'key', limit: 5_000_000_000, waitMs, held }, nowMs);
  expect(error).toMatchObject({ code, status: 429, retryAfterSeconds });
});

test('a used-up budget says when its day or month ends', () => {
  const nowMs = Date.UTC(2026, 10, 29, 18);
  const waits = (['day', 'month'] as const).map((what) => {
    const refusal = { what, subject: 'key', limit: 1, waitMs: null, held: false } as const;
    return refusalError(refusal, nowMs).retryAfterSeconds;
  });
  expect(waits).toEqual([6 * 3600, 30 * 3600]);
});
