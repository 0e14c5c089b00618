import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { unmetered } from '../ledger/metering.ts';
import { MeasuredMetering } from './measured.ts';
import { Metrics } from './metrics.ts';
import { RecentLoad } from './recent-load.ts';
import { meteredRequest, outcome } from './testing.ts';

test('tokens per second are those of the last five seconds', () => {
  let nowMs = 100_000;
  const load = new RecentLoad(() => nowMs);
  expect(load.tokensPerSecond).toBe(0);
  for (let second = 0; second < 20; second += 1) {
    load.generated(10);
    nowMs += 1000;
  }
  expect(load.tokensPerSecond).toBeCloseTo(10, 5);
  nowMs += 1000;
  expect(load.tokensPerSecond).toBeCloseTo(7.5, 5);
  nowMs += 5000;
  expect(load.tokensPerSecond).toBe(0);
});

test('waits are medians of the last five minutes', () => {
  let nowMs = 0;
  const load = new RecentLoad(() => nowMs);
  expect([load.queueMs, load.timeToFirstTokenMs]).toEqual([null, null]);
  for (let count = 0; count < 100; count += 1) load.settled(null, 1000);
  nowMs = 250_000;
  for (const ms of [5, 300, 7]) load.settled(ms, ms * 2);
  expect([load.queueMs, load.timeToFirstTokenMs]).toEqual([7, 1000]);
  nowMs = 400_000;
  expect([load.queueMs, load.timeToFirstTokenMs]).toEqual([7, 14]);
  nowMs = 600_000;
  expect([load.queueMs, load.timeToFirstTokenMs]).toEqual([null, null]);
});

test('a deployment’s load counts tokens once, as they come and at the end', async () => {
  const metrics = new Metrics();
  const meter = await new MeasuredMetering(unmetered, metrics).reserve(meteredRequest());
  meter.dispatched('embedded/served');
  const counts = (completionTokens: number) => ({ ...outcome().counts, completionTokens });
  meter.progress(counts(4));
  meter.progress(counts(4));
  meter.progress(counts(9));
  expect(metrics.load('embedded/served')).toMatchObject({ inFlight: 1, queueMs: null });
  const perToken = metrics.load('embedded/served').tokensPerSecond / 9;
  expect(perToken).toBeGreaterThanOrEqual(0.2);
  await meter.settle(outcome());
  await turn();
  const load = metrics.load('embedded/served');
  expect(load).toMatchObject({ inFlight: 0, queueMs: 20, timeToFirstTokenMs: 200 });
  expect(load.tokensPerSecond).toBeGreaterThan(0);
  expect(metrics.load('remote/other')).toEqual({
    inFlight: 0,
    tokensPerSecond: 0,
    queueMs: null,
    timeToFirstTokenMs: null,
  });
});
