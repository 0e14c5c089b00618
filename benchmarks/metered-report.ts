import { mockChunks } from './mock-server.ts';
import type { MeteredRate, MeteredResult } from './metered.ts';
import { median } from './statistics.ts';
import { duration, figure, type Table } from './table.ts';
import type { TargetCheck } from './targets.ts';

/** The least share of the unmetered requests/s that the metered server may answer. */
const leastRatio = 0.85;

/** The table of one run, 100 columns at most. */
export function meteredTables({ rates, longestShippingMs }: MeteredResult): Table[] {
  const rows = rates.map((rate) => [
    nameOf(rate),
    figure(rate.bare.requestsPerSecond),
    figure(rate.metered.requestsPerSecond),
    median(rate.ratios).toFixed(2),
    `${Math.min(...rate.ratios).toFixed(2)}–${Math.max(...rate.ratios).toFixed(2)}`,
    duration(rate.bare.latencyP50Ms),
    duration(rate.metered.latencyP50Ms),
    figure(rate.bare.targetMicroseconds),
    figure(rate.metered.targetMicroseconds),
  ]);
  return [
    {
      title: `Metering: keys, limits, budgets, prices, ledger and metrics; answers of ${mockChunks} tokens`,
      columns: ['', 'req/s off', 'on', 'ratio', 'spread', 'p50 off', 'on', 'µs off', 'on'],
      rows,
      notes: [
        'Off: the same app, routing, checks and log, without keys looked up, limits, ledger, metrics and database. The two',
        "take turns (off, on, on, off) and share the cores with load and mock. µs: a request's processor time, on with its",
        `PostgreSQL. The ledger's last row was in the database ${duration(longestShippingMs)} after a turn at the latest.`,
      ],
    },
  ];
}

export function meteredChecks({ rates }: MeteredResult): TargetCheck[] {
  return rates.map((rate) => ({
    name: `${nameOf(rate)}: requests/s of those without metering`,
    bound: 'atLeast',
    target: leastRatio,
    measured: median(rate.ratios),
    unit: '×',
  }));
}

function nameOf({ stream, connections }: MeteredRate): string {
  return `${stream ? 'streamed' : 'plain'}, ${connections} connection${connections === 1 ? '' : 's'}`;
}
