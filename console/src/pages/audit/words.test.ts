import { expect, test } from 'vitest';
import { actOf, changesOf, resourceOf, subjectOf } from './words.ts';

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
    ['name: terraform', 'expires at: Feb 22, 2027, 18:12 UTC'],
  ]);
  const revoked = { ...made, type: 'api_key.deleted', weai: { before: { name: 'website' }, after: null } };
  expect([actOf(revoked), changesOf(revoked)]).toEqual(['Revoked a key', ['name: website']]);
});

test('a price is told in dollars for a million tokens, and of which model it is', () => {
  const log = {
    id: 'audit_log-1',
    type: 'price.updated',
    effective_at: 1,
    actor: { type: 'session' as const },
    'price.updated': { id: 'llama3.1-8B' },
    weai: {
      before: null,
      after: { effective_from: '2026-11-28T11:44:00Z', input: 150_000_000, output: 2e9 },
    },
  };
  expect(resourceOf(log)).toBe('llama3.1-8B');
  expect(changesOf(log)).toEqual([
    'effective from: Nov 28, 2026, 11:44 UTC',
    'input: $0.15 per million tokens',
    'output: $2.00 per million tokens',
  ]);
});

test('models are listed by their names', () => {
  const log = {
    id: 'audit_log-1',
    type: 'rate_limit.updated',
    effective_at: 1,
    actor: { type: 'session' as const },
    weai: { before: { allowed_models: null }, after: { allowed_models: ['one', 'other'] } },
  };
  expect(changesOf(log)).toEqual(['allowed models: all → one, other']);
  expect(resourceOf(log)).toBeNull();
});

test('limits are told to be those of a key, or of the organization; those of a project are in it', () => {
  const log = {
    id: 'audit_log-1',
    type: 'rate_limit.updated',
    effective_at: 1,
    actor: { type: 'session' as const },
    weai: { before: null, after: null },
  };
  const project = { id: 'proj-1', name: 'shop' };
  const nameOf = (id: string) => (id === 'key-1' ? 'production' : undefined);
  const subject = (id: string, more: object) => {
    const event = { 'rate_limit.updated': { id } };
    return subjectOf({ ...log, ...event, ...more }, nameOf);
  };
  expect(subject('key-1', { project })).toBe('production');
  expect(subject('proj-1', { project })).toBeNull();
  expect(subject('org-1', {})).toBe('the organization');
});
