import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { EngineTime } from './engine-time.ts';
import type { OpenRequest } from './journal.ts';
import { Ledger } from './ledger.ts';
import { PromptEstimate } from './prompt-estimate.ts';
import type { Progress } from './row.ts';
import { completed as outcome, openJournal, temporaryDirectory } from './testing.ts';

const prices = { tokenPrice: () => null, machinePrice: () => 0 };

const request = {
  requestId: 'request-1',
  identity: { keyId: 'k', projectId: 'p', organizationId: 'o' },
  modelRequested: 'm',
  modelId: 'm',
  promptBytes: 40,
  images: 0,
  choices: 1,
  completionTokenLimit: null,
  contextTokens: null,
  setHeader: () => undefined,
};

/** A request that an engine has just been given, at the time 0 of a clock of our own, and what is noted of it. */
async function dispatched() {
  // Has a timer of its own, that of real time.
  const journal = await openJournal(temporaryDirectory());
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
    journal.close();
  });
  const notes: [atMs: number, completionTokens: number][] = [];
  const startMs = performance.now();
  vi.spyOn(journal, 'progress').mockImplementation((_open: OpenRequest, { counts }: Progress) => {
    notes.push([performance.now() - startMs, counts.completionTokens]);
  });
  const ledger = new Ledger({
    journal,
    prices,
    engineTime: new EngineTime(),
    estimate: new PromptEstimate(),
  });
  const meter = await ledger.reserve(request);
  meter.dispatched('d');
  const generated = (completionTokens: number) =>
    meter.progress({ promptTokens: 0, cachedTokens: 0, completionTokens, reasoningTokens: 0 });
  return { meter, notes, generated };
}

describe('what is noted of a running request', () => {
  test('is that an engine has it, then its first tokens, and then what it has come to each second', async () => {
    const { meter, notes, generated } = await dispatched();
    vi.advanceTimersByTime(600);
    generated(1);
    vi.advanceTimersByTime(25);
    generated(2);
    vi.advanceTimersByTime(2500);
    generated(9);
    vi.advanceTimersByTime(1000);
    await meter.settle(outcome);
    vi.advanceTimersByTime(5000);
    expect(notes).toEqual([
      [125, 0],
      [625, 1],
      [1625, 2],
      [2625, 2],
      [3625, 9],
    ]);
  });

  test('is at once what 64 tokens more than before are', async () => {
    const { notes, generated } = await dispatched();
    generated(63);
    generated(64);
    generated(65);
    generated(127);
    generated(200);
    expect(notes).toEqual([
      [0, 64],
      [0, 200],
    ]);
  });

  test('is nothing where the request is over by then, and no timer stays', async () => {
    const { meter, notes, generated } = await dispatched();
    generated(5);
    await meter.settle(outcome);
    vi.advanceTimersByTime(1000);
    expect([notes, vi.getTimerCount()]).toEqual([[], 0]);
  });
});
