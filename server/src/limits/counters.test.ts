import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim, Counters, Decision, Reservation } from './counters.ts';
import { type LimitedSubject, type Limits, unlimited } from './limits.ts';
import { MemoryCounters } from './memory-counters.ts';

function subject(limits: Partial<Limits>, kind: LimitedSubject['kind'] = 'key', id = 'one'): LimitedSubject {
  return { kind, id, limits: { ...unlimited, ...limits } };
}

function claimOf(subjects: LimitedSubject[], fields: Partial<Claim> = {}): Claim {
  return { subjects, tokens: 0, nanos: 0, day: '2026-11-23', month: '2026-11', ...fields };
}

let nowMs: number;
let counters: Counters;
beforeEach(() => {
  nowMs = 1_000_000;
  counters = new MemoryCounters(() => nowMs);
});

/** Claims from 64 sides at once; the reservations that were granted. */
async function race(claim: Claim): Promise<{ granted: Reservation[]; refused: Decision[] }> {
  const decisions = await Promise.all(Array.from({ length: 64 }, async () => counters.claim(claim)));
  return {
    granted: decisions.flatMap(({ reservation }) => reservation ?? []),
    refused: decisions.filter(({ reservation }) => reservation === null),
  };
}

describe('of 64 racing requests', () => {
  test.each<[string, Partial<Limits>, Partial<Claim>, number, string]>([
    ['requests per minute', { requestsPerMinute: 10 }, {}, 10, 'requests'],
    ['tokens per minute', { tokensPerMinute: 1000 }, { tokens: 90 }, 11, 'tokens'],
    ['requests at once', { concurrentRequests: 7 }, {}, 7, 'concurrency'],
    ['money per day', { nanosPerDay: 100 }, { nanos: 30 }, 3, 'day'],
    ['money per month', { nanosPerMonth: 100 }, { nanos: 50 }, 2, 'month'],
  ])('exactly as many pass as the limit of %s says', async (_, limits, claim, passes, what) => {
    const { granted, refused } = await race(claimOf([subject(limits)], claim));
    expect(granted).toHaveLength(passes);
    expect(new Set(refused.map(({ refusal }) => refusal?.what))).toEqual(new Set([what]));
  });

  test('none passes a wider limit than the narrowest, and a refused one counts nowhere', async () => {
    const wide = subject({ requestsPerMinute: 50 }, 'organization');
    expect((await race(claimOf([subject({ requestsPerMinute: 5 }), wide]))).granted).toHaveLength(5);
    expect((await race(claimOf([wide]))).granted).toHaveLength(45);
  });
});

test('what was used replaces what was claimed', async () => {
  const limited = subject({ tokensPerMinute: 1000, concurrentRequests: 1, nanosPerDay: 1000 });
  const { granted } = await race(claimOf([limited], { tokens: 900, nanos: 900 }));
  granted[0]?.settle({ tokens: 100, nanos: 100 });
  counters.spend(['key:one'], '2026-11-23', '2026-11', 100);
  expect((await counters.claim(claimOf([limited], { tokens: 900, nanos: 900 }))).refusal).toBeNull();
});

test('a budget that only requests under way hold is told apart from one that is spent', async () => {
  const limited = subject({ nanosPerDay: 100 });
  const { granted, refused } = await race(claimOf([limited], { nanos: 60 }));
  expect(refused[0]?.refusal).toMatchObject({ what: 'day', held: true, waitMs: 1000 });
  granted[0]?.settle({ tokens: 0, nanos: 100 });
  counters.spend(['key:one'], '2026-11-23', '2026-11', 100);
  const spent = await counters.claim(claimOf([limited]));
  expect(spent.refusal).toMatchObject({ what: 'day', held: false, waitMs: null });
  const tomorrow = await counters.claim(claimOf([limited], { day: '2026-11-24' }));
  expect(tomorrow.refusal).toBeNull();
});

test('a month is remembered over all its days', async () => {
  const limited = subject({ nanosPerMonth: 300 });
  for (let day = 1; day <= 30; day += 1) {
    counters.spend(['key:one'], `2026-11-${String(day).padStart(2, '0')}`, '2026-11', 10);
  }
  expect((await counters.claim(claimOf([limited]))).refusal).toMatchObject({ what: 'month' });
});

test('tells how much is left, and when a refused request may come again', async () => {
  const limited = subject({ requestsPerMinute: 2, tokensPerMinute: 100 });
  const first = await counters.claim(claimOf([limited], { tokens: 30 }));
  expect(first).toMatchObject({
    requests: { limit: 2, remaining: 1 },
    tokens: { limit: 100, remaining: 70 },
  });
  await counters.claim(claimOf([limited], { tokens: 30 }));
  const refused = await counters.claim(claimOf([limited], { tokens: 30 }));
  nowMs += (refused.refusal?.waitMs ?? 0) - 1;
  expect((await counters.claim(claimOf([limited], { tokens: 30 }))).refusal?.what).toBe('requests');
  nowMs += 1;
  expect((await counters.claim(claimOf([limited], { tokens: 30 }))).refusal).toBeNull();
});

test('a limit of nothing lets nothing through, and gives no hope', async () => {
  for (const limits of [{ requestsPerMinute: 0 }, { tokensPerMinute: 0 }, { nanosPerDay: 0 }]) {
    const { refusal } = await counters.claim(claimOf([subject(limits)], { tokens: 1 }));
    expect(refusal).toMatchObject({ waitMs: null });
  }
});
