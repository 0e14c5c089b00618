import { expect, test } from 'vitest';
import { changesOf } from './words.ts';

test('changes are told in words, money in dollars', () => {
  const log = {
    id: 'audit_log-1',
    type: 'rate_limit.updated',
    effective_at: 1,
    actor: { type: 'session' as const },
    weai: {
      before: { max_requests_per_1_minute: null, nanos_per_day: 1_500_000_000, allowed_models: null },
      after: { max_requests_per_1_minute: 60, nanos_per_day: null, allowed_models: null },
    },
  };
  expect(changesOf(log)).toEqual(['max requests per 1 minute: none → 60', 'budget per day: $1.5 → none']);
  expect(changesOf({ ...log, weai: { before: null, after: { name: 'web' } } })).toEqual(['name: web']);
});
