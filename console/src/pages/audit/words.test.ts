import { expect, test } from 'vitest';
import { actOf, changesOf } from './words.ts';

test('changes are told in words, money in dollars', () => {
  const log = {
    id: 'audit_log-1',
    type: 'rate_limit.updated',
    effective_at: 1,
    actor: { type: 'session' as const },
    weai: {
      before: { max_requests_per_1_minute: null, nanos_per_day: 1_500_000_000, allowed_models: null },
      after: { max_requests_per_1_minute: 6000, nanos_per_day: null, allowed_models: null },
    },
  };
  expect(changesOf(log)).toEqual(['requests per minute: none → 6,000', 'budget per day: $1.50 → none']);
  expect(changesOf({ ...log, weai: { before: null, after: { name: 'web' } } })).toEqual(['name: web']);
});

test('an admin key is told from a key that asks, and what is revoked by its name', () => {
  const made = {
    id: 'audit_log-1',
    type: 'api_key.created',
    effective_at: 1,
    actor: { type: 'session' as const },
    weai: {
      before: null,
      after: { kind: 'admin', name: 'terraform', expires_at: '2027-02-22T18:12:00.464Z' },
    },
  };
  expect([actOf(made), changesOf(made)]).toEqual([
    'Made an admin key',
    ['name: terraform', 'expires at: Feb 22, 2027, 6:12 PM UTC'],
  ]);
  const revoked = { ...made, type: 'api_key.deleted', weai: { before: { name: 'website' }, after: null } };
  expect([actOf(revoked), changesOf(revoked)]).toEqual(['Revoked a key', ['name: website']]);
});
