import { expect, test } from 'vitest';
import { formatDuration, rateHeaders, refusalError } from './answer.ts';

test.each([
  [0, '0ms'],
  [20, '20ms'],
  [999.2, '1s'],
  [8640, '8.64s'],
  [360_000, '6m0s'],
  [61_001, '1m2s'],
])('%d ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

test('headers say what is limited and no more', () => {
  expect(rateHeaders({ requests: { limit: 10, remaining: 9, resetMs: 6000 }, tokens: null })).toEqual([
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
  ['month', false, null, 'insufficient_quota', undefined],
] as const)('a refusal for %s (held: %s)', (what, held, waitMs, code, retryAfterSeconds) => {
  const error = refusalError({ what, subject: 'key', limit: 5_000_000_000, waitMs, held });
  expect(error).toMatchObject({ code, status: 429, retryAfterSeconds });
});
