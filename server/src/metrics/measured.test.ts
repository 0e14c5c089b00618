import { setImmediate as turn } from 'node:timers/promises';
import { ApiError } from '@weai/protocol/errors';
import { describe, expect, test } from 'vitest';
import { type Metering, unmetered } from '../ledger/metering.ts';
import { MeasuredMetering } from './measured.ts';
import { Metrics } from './metrics.ts';
import { meteredRequest, outcome } from './testing.ts';

const served = '{model="served",deployment="embedded/served"}';

async function lines(metrics: Metrics): Promise<string[]> {
  return (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('weai_'));
}

describe('MeasuredMetering', () => {
  test('counts a request from its dispatch to its end', async () => {
    const metrics = new Metrics();
    const meter = await new MeasuredMetering(unmetered, metrics).reserve(meteredRequest());
    meter.dispatched('embedded/served');
    expect(await lines(metrics)).toContain(`weai_requests_in_flight${served} 1`);
    await meter.settle(outcome());
    await turn();
    expect(await lines(metrics)).toEqual(
      expect.arrayContaining([
        `weai_requests_in_flight${served} 0`,
        'weai_requests_total{model="served",deployment="embedded/served",status="completed",finish_reason="stop",error_code=""} 1',
        `weai_prompt_tokens_total${served} 100`,
        `weai_cached_prompt_tokens_total${served} 40`,
        `weai_completion_tokens_total${served} 11`,
        `weai_reasoning_tokens_total${served} 3`,
        `weai_request_duration_seconds_sum${served} 1.2`,
        `weai_queue_seconds_sum${served} 0.02`,
        `weai_time_to_first_token_seconds_sum${served} 0.2`,
        // Ten tokens in the second after the first one.
        `weai_tokens_per_second_sum${served} 10`,
      ]),
    );
  });

  test('moves what is in flight to the deployment that takes over', async () => {
    const metrics = new Metrics();
    const meter = await new MeasuredMetering(unmetered, metrics).reserve(meteredRequest());
    meter.dispatched('remote/first');
    meter.dispatched('remote/second');
    const first = '{model="served",deployment="remote/first"}';
    const second = '{model="served",deployment="remote/second"}';
    expect(await lines(metrics)).toEqual(
      expect.arrayContaining([`weai_requests_in_flight${first} 0`, `weai_requests_in_flight${second} 1`]),
    );
    await meter.settle(
      outcome({
        deploymentId: 'remote/second',
        failedAttempts: [{ deploymentId: 'remote/first', code: 'engine_error' }],
      }),
    );
    await turn();
    expect(await lines(metrics)).toEqual(
      expect.arrayContaining([
        `weai_requests_in_flight${second} 0`,
        'weai_failovers_total{model="served",deployment="remote/first",code="engine_error"} 1',
      ]),
    );
  });

  test('a request that no deployment answered counts for the last one asked', async () => {
    const metrics = new Metrics();
    const meter = await new MeasuredMetering(unmetered, metrics).reserve(meteredRequest());
    meter.dispatched('remote/first');
    await meter.settle(
      outcome({
        status: 'failed',
        deploymentId: null,
        finishReason: null,
        timeToFirstTokenMs: null,
        queueMs: null,
        error: new ApiError('engine_unavailable', 'gone'),
      }),
    );
    await turn();
    const all = await lines(metrics);
    expect(all).toContain(
      'weai_requests_total{model="served",deployment="remote/first",status="failed",finish_reason="",error_code="engine_unavailable"} 1',
    );
    expect(all.join()).not.toContain('weai_time_to_first_token_seconds_sum');
  });

  const refusal = new ApiError('rate_limit_exceeded', 'slow down');
  const refusing: [string, Metering['reserve']][] = [
    ['rejected', () => Promise.reject(refusal)],
    [
      'thrown',
      () => {
        throw refusal;
      },
    ],
  ];
  test.each(refusing)('counts a refusal by its code, and hands it on: %s', async (_how, refuse) => {
    const metrics = new Metrics();
    const metering = new MeasuredMetering({ reserve: refuse }, metrics);
    await expect(async () => await metering.reserve(meteredRequest())).rejects.toBe(refusal);
    expect(await lines(metrics)).toContain(
      'weai_refusals_total{model="served",code="rate_limit_exceeded"} 1',
    );
  });

  test('tells nothing of keys, projects and organizations', async () => {
    const metrics = new Metrics();
    const meter = await new MeasuredMetering(unmetered, metrics).reserve(meteredRequest());
    meter.dispatched('embedded/served');
    await meter.settle(outcome());
    await turn();
    expect(await metrics.registry.metrics()).not.toMatch(/secret|request-1/);
  });
});
