import { Counter, Gauge } from 'prom-client';
import type { Metrics } from './metrics.ts';

/** The states that an engine of this machine can be in. */
export const engineStates = ['stopped', 'starting', 'ready', 'restarting', 'failed'] as const;

/** What a deployment's machine costs: its idle share is up less used. */
const machineCounters = {
  upSeconds: ['weai_machine_up_seconds_total', 'Time that a deployment was up.', 1],
  usedSeconds: ['weai_machine_used_seconds_total', 'Engine time of its requests.', 1],
  upNanos: [
    'weai_machine_up_dollars_total',
    'Price of the machine for the time that a deployment was up.',
    1e-9,
  ],
  usedNanos: [
    'weai_machine_used_dollars_total',
    'Price of the machine for the engine time of requests.',
    1e-9,
  ],
} as const;

/** What is not counted but looked at, when Prometheus asks. */
export interface MetricSources {
  journal: { readonly bytes: number; readonly openRequests: number };
  /** Bytes of the journal that the database hasn't taken. */
  unshippedBytes(): number;
  /** Deployment id → state. */
  engineStates(): Record<string, string>;
  /** Deployment id → how often its engine ended unasked. */
  engineRestarts(): Record<string, number>;
  /** Deployment id → up-time and use of its machine that this server has counted, in seconds and nano-dollars. */
  machineTotals(): ReadonlyMap<string, Readonly<Record<keyof typeof machineCounters, number>>>;
  /** What `/readyz` tells an operator. */
  problems(): readonly string[];
  /** HTTP requests that are not answered in full. */
  running: { readonly size: number };
}

/** Adds the sources to the metrics: each scrape shows them as they are. */
export function observeSources({ registry }: Metrics, sources: MetricSources): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: (): void => made.set(read()) });
  };
  gauge('weai_journal_bytes', 'Size of the journal on the disk.', () => sources.journal.bytes);
  gauge('weai_journal_unshipped_bytes', 'Bytes of the journal that the database has not taken yet.', () =>
    sources.unshippedBytes(),
  );
  gauge(
    'weai_journal_open_requests',
    'Entries of the journal without a settlement: requests under way.',
    () => sources.journal.openRequests,
  );
  gauge('weai_problems', 'Problems that /readyz names.', () => sources.problems().length);
  gauge('weai_http_requests_running', 'HTTP requests under way.', () => sources.running.size);

  const states = new Gauge({
    name: 'weai_engine_state',
    help: '1 for the state that an engine of this machine is in.',
    labelNames: ['deployment', 'state'],
    registers,
    collect: (): void => {
      states.reset();
      for (const [deployment, current] of Object.entries(sources.engineStates())) {
        for (const state of engineStates) states.set({ deployment, state }, state === current ? 1 : 0);
      }
    },
  });
  const restarts = new Counter({
    name: 'weai_engine_restarts_total',
    help: 'Times that an engine of this machine ended unasked and was started again.',
    labelNames: ['deployment'],
    registers,
    collect: () => {
      restarts.reset();
      for (const [deployment, count] of Object.entries(sources.engineRestarts())) {
        restarts.inc({ deployment }, count);
      }
    },
  });

  for (const key of ['upSeconds', 'usedSeconds', 'upNanos', 'usedNanos'] as const) {
    const [name, help, factor] = machineCounters[key];
    const counter: Counter = new Counter({
      name,
      help,
      labelNames: ['deployment'],
      registers,
      collect: () => {
        counter.reset();
        for (const [deployment, totals] of sources.machineTotals())
          counter.inc({ deployment }, totals[key] * factor);
      },
    });
  }
}
