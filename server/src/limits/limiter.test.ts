import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../db/open.ts';
import { createKey } from '../keys/keys.ts';
import { ensureDefaultProject } from '../projects/projects.ts';
import { openTestDatabase, silentLog } from '../db/testing.ts';
import { EngineTime } from '../ledger/engine-time.ts';
import { Ledger } from '../ledger/ledger.ts';
import type { Meter, MeteredRequest } from '../ledger/metering.ts';
import { openLedger } from '../ledger/open.ts';
import { PromptEstimate } from '../ledger/prompt-estimate.ts';
import { ensurePartition, insertRows } from '../ledger/table.ts';
import {
  completed as outcome,
  openJournal,
  recordsOf,
  settled,
  started,
  temporaryDirectory,
} from '../ledger/testing.ts';
import { LimitBook } from './limit-book.ts';
import { Limiter } from './limiter.ts';
import { type LimitedSubject, type Limits, listLimits, setLimits, unlimited } from './limits.ts';
import { MemoryCounters } from './memory-counters.ts';
import { rebuildCounters } from './rebuild.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const identity = { keyId: 'k', projectId: 'p', organizationId: 'o' };
const prices = {
  tokenPrice: () => ({ input: 1_000_000_000, cachedInput: 1_000_000_000, output: 1_000_000_000 }),
  machinePrice: () => 0,
};

function request(fields: Partial<MeteredRequest> = {}): MeteredRequest & { headers: Map<string, string> } {
  const headers = new Map<string, string>();
  return {
    requestId: 'r',
    identity,
    modelRequested: 'asked',
    modelId: 'served',
    promptBytes: 40,
    images: 0,
    choices: 1,
    completionTokenLimit: 5,
    contextTokens: 4096,
    setHeader: (name, value) => void headers.set(name, value),
    headers,
    ...fields,
  };
}

async function limiter(limits: Partial<Limits>, directory = temporaryDirectory()) {
  const journal = await openJournal(directory);
  const estimate = new PromptEstimate();
  const ledger = new Ledger({ journal, prices, engineTime: new EngineTime(), estimate });
  const book = new LimitBook();
  const subject: LimitedSubject = { kind: 'project', id: 'p', limits: { ...unlimited, ...limits } };
  book.replace([subject]);
  const counters = new MemoryCounters();
  const limiting = new Limiter({ ledger, book, counters, prices, estimate });
  /** Rejects also where the limiter throws. */
  const reserve = async (asked: MeteredRequest): Promise<Meter> => await limiting.reserve(asked);
  return { limiter: { reserve }, counters, journal };
}

describe('the limiter', () => {
  test('lets exactly as many of 64 racing requests through as the limit says', async () => {
    const { limiter: limits, journal } = await limiter({ requestsPerMinute: 9 });
    const results = await Promise.allSettled(Array.from({ length: 64 }, () => limits.reserve(request())));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(9);
    expect(journal.openRequests).toBe(9);
  });

  test('puts the rates on every answer, also on a refusal', async () => {
    const { limiter: limits } = await limiter({ requestsPerMinute: 1, tokensPerMinute: 10_000 });
    const [passed, refused] = [request(), request()];
    (await limits.reserve(passed)).dispatched('d');
    await expect(limits.reserve(refused)).rejects.toMatchObject({ code: 'rate_limit_exceeded' });
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'x-ratelimit-limit-requests': '1',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': expect.stringMatching(/^(1m\ds|60?\.?\d*s|59\.\d+s)$/),
      'x-ratelimit-limit-tokens': '10000',
    });
    expect(passed.headers.get('x-ratelimit-remaining-requests')).toBe('0');
  });

  test('puts the rates on an answer that no deployment was asked for, and where the journal takes nothing', async () => {
    const { limiter: limits, journal, counters } = await limiter({ requestsPerMinute: 9 });
    const unasked = request();
    await (await limits.reserve(unasked)).settle({ ...outcome, status: 'failed', deploymentId: null });
    expect(unasked.headers.get('x-ratelimit-remaining-requests')).toBe('8');
    await turn();
    const full = new Error('full');
    const takesNothing: (typeof journal)['start'][] = [
      () => Promise.reject(full),
      () => {
        throw full;
      },
    ];
    for (const [attempt, start] of takesNothing.entries()) {
      journal.start = start;
      const untaken = request();
      await expect(limits.reserve(untaken)).rejects.toThrow('full');
      expect(untaken.headers.get('x-ratelimit-remaining-requests')).toBe(String(7 - attempt));
      expect(counters.held('project:p').running).toBe(0);
    }
  });

  test('never overspends a budget, and uses it up to the last request that fits', async () => {
    // A request costs 15,000 nano-dollars and may cost (40 + 16 + 5) × 1,000.
    const { limiter: limits } = await limiter({ nanosPerDay: 200_000 });
    let spent = 0;
    for (let round = 0; round < 40; round += 1) {
      const meters = await Promise.allSettled(Array.from({ length: 8 }, () => limits.reserve(request())));
      for (const meter of meters) {
        if (meter.status !== 'fulfilled') continue;
        await meter.value.settle(outcome);
        await turn();
        spent += 15_000;
      }
    }
    expect(spent).toBeLessThanOrEqual(200_000);
    expect(spent).toBeGreaterThan(200_000 - 61_000);
  });

  test('holds nothing after 1,000 requests that were left', async () => {
    const { limiter: limits, counters, journal } = await limiter({ concurrentRequests: 2000 });
    const meters = await Promise.all(Array.from({ length: 1000 }, () => limits.reserve(request())));
    expect(counters.held('project:p').running).toBe(1000);
    await Promise.all(meters.map((meter) => meter.settle({ ...outcome, status: 'cancelled' })));
    await turn();
    expect([counters.held('project:p'), journal.openRequests]).toEqual([{ running: 0, nanos: 0 }, 0]);
  });

  test('a request without a cap does not use up tokens per minute by what it might generate', async () => {
    const { limiter: limits } = await limiter({ tokensPerMinute: 10_000 });
    let passed = 0;
    for (; passed < 700; passed += 1) {
      const meter = await limits.reserve(request({ completionTokenLimit: null })).catch(() => null);
      if (meter === null) break;
      await meter.settle(outcome);
      await turn();
    }
    // 15 tokens each: at most 666 fit.
    expect(passed).toBeGreaterThan(600);
  });

  test('models that are not allowed do not exist', async () => {
    const { limiter: limits } = await limiter({ allowedModels: ['other'] });
    await expect(limits.reserve(request())).rejects.toMatchObject({
      code: 'model_not_found',
      param: 'model',
    });
    const { limiter: allowing } = await limiter({ allowedModels: ['asked'] });
    await expect(allowing.reserve(request())).resolves.toBeDefined();
  });

  test('knows after a restart what was used before it', async () => {
    const dataDir = temporaryDirectory();
    const opened = await openLedger({ dataDir, journalMaxBytes: 1e8 }, database, silentLog);
    const estimate = new PromptEstimate();
    const ledger = new Ledger({ journal: opened.journal, prices, engineTime: new EngineTime(), estimate });
    for (let index = 0; index < 3; index += 1) await (await ledger.reserve(request())).settle(outcome);
    await opened.close();
    const counters = new MemoryCounters();
    await rebuildCounters(counters, database.kysely);
    const subject = { kind: 'key', id: 'k' } as const;
    const today = new Date().toISOString();
    const claim = { tokens: 0, nanos: 0, day: today.slice(0, 10), month: today.slice(0, 7) };
    const limited = (limits: Partial<Limits>) => ({
      ...claim,
      subjects: [{ ...subject, limits: { ...unlimited, ...limits } }],
    });
    expect(counters.claim(limited({ requestsPerMinute: 3 })).refusal).toMatchObject({ what: 'requests' });
    expect(counters.claim(limited({ tokensPerMinute: 44 })).refusal).toMatchObject({ what: 'tokens' });
    expect(counters.claim(limited({ nanosPerDay: 45_000 })).refusal).toMatchObject({ what: 'day' });
    expect(
      counters.claim(limited({ requestsPerMinute: 4, tokensPerMinute: 45, nanosPerDay: 45_001 })).refusal,
    ).toBeNull();
  });
});

test('after the clock was set back a restart counts a minute of what was made in times to come, and what was made since', async () => {
  const own = await openTestDatabase();
  const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
  const rows = [3600, 3590, 3550, 3500, 1800, 60, -10, -30, -70].map((seconds) =>
    settled(started({ started_at: at(seconds), key_id: 'k' })),
  );
  for (const month of new Set([at(3600), at(-70)].map((time) => time.slice(0, 7))))
    await ensurePartition(own.kysely, month);
  await insertRows(own.kysely, recordsOf(rows));
  const counted: number[] = [];
  const counters = {
    remember: (_: unknown, agoMs: number) => void counted.push(agoMs),
    spend: () => undefined,
  };
  await rebuildCounters(counters, own.kysely);
  await own.close();
  const seconds = counted.map((ms) => Math.round(ms / 1000)).toSorted((a, b) => a - b);
  expect(seconds).toEqual([0, 10, 10, 30, 50]);
});

test('limits that are set stay when others change, until they are taken away', async () => {
  const { id: projectId } = await ensureDefaultProject(database.kysely);
  const { id } = await createKey(database.kysely, { projectId, name: 'limited' });
  await setLimits(database.kysely, 'key', id, { requestsPerMinute: 5, nanosPerDay: 9_000_000_000_000_000 });
  await setLimits(database.kysely, 'key', id, { allowedModels: ['m'], requestsPerMinute: null });
  expect(await listLimits(database.kysely)).toEqual([
    {
      kind: 'key',
      id,
      limits: { ...unlimited, nanosPerDay: 9_000_000_000_000_000, allowedModels: ['m'] },
    },
  ]);
});
