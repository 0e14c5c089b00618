import { describe, expect, test } from 'vitest';
import { Metrics } from './metrics.ts';
import { observeSources } from './sources.ts';

describe('observeSources', () => {
  test('shows each source as it is at the scrape', async () => {
    const metrics = new Metrics();
    const journal = { bytes: 100, openRequests: 1 };
    let states: Record<string, string> = { one: 'ready', two: 'restarting' };
    observeSources(metrics, {
      journal,
      unshippedBytes: () => 7,
      engineStates: () => states,
      engineRestarts: () => ({ one: 0, two: 3 }),
      machineTotals: () =>
        new Map([['one', { upSeconds: 90, upNanos: 3e9, usedSeconds: 30, usedNanos: 1e9 }]]),
      problems: () => ['the journal is full'],
      running: { size: 5 },
    });
    const first = await metrics.registry.metrics();
    for (const line of [
      'weai_journal_bytes 100',
      'weai_journal_unshipped_bytes 7',
      'weai_journal_open_requests 1',
      'weai_problems 1',
      'weai_http_requests_running 5',
      'weai_engine_state{deployment="one",state="ready"} 1',
      'weai_engine_state{deployment="two",state="ready"} 0',
      'weai_engine_state{deployment="two",state="restarting"} 1',
      'weai_engine_restarts_total{deployment="two"} 3',
      'weai_machine_up_seconds_total{deployment="one"} 90',
      'weai_machine_used_seconds_total{deployment="one"} 30',
      'weai_machine_up_dollars_total{deployment="one"} 3',
      'weai_machine_used_dollars_total{deployment="one"} 1',
    ]) {
      expect(first).toContain(`${line}\n`);
    }
    journal.bytes = 200;
    states = { one: 'ready' };
    const second = await metrics.registry.metrics();
    expect(second).toContain('weai_journal_bytes 200\n');
    expect(second).toContain('weai_engine_restarts_total{deployment="two"} 3\n');
    expect(second).not.toContain('weai_engine_state{deployment="two"');
  });
});
