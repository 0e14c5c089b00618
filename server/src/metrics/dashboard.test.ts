import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkoutDirectory } from '../config.ts';
import { Metrics } from './metrics.ts';
import { observeSources } from './sources.ts';

const dashboard = z.object({
  uid: z.string(),
  panels: z.array(
    z.object({
      id: z.int(),
      title: z.string(),
      type: z.string(),
      targets: z.array(z.object({ expr: z.string() })).optional(),
    }),
  ),
});

function panels() {
  const text = readFileSync(join(checkoutDirectory, 'operations/grafana-dashboard.json'), 'utf8');
  return dashboard.parse(JSON.parse(text)).panels;
}

/** Names of the metrics that there are, as Prometheus stores them. */
async function namesThatExist(): Promise<Set<string>> {
  const metrics = new Metrics();
  observeSources(metrics, {
    journal: { bytes: 0, openRequests: 0 },
    unshippedBytes: () => 0,
    engineStates: () => ({}),
    engineRestarts: () => ({}),
    machineTotals: () => new Map(),
    problems: () => [],
    running: { size: 0 },
  });
  const described = await metrics.registry.getMetricsAsJSON();
  return new Set(
    described.flatMap(({ name, type }) =>
      // prom-client names a type by text at run time and by number in its declarations.
      String(type) === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}

function namesIn(expression: string): string[] {
  return expression.match(/\b(weai|nodejs|process)_[a-z0-9_]+/g) ?? [];
}

test('every metric that the dashboard names exists', async () => {
  const existing = await namesThatExist();
  const named = panels().flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => namesIn(expr)));
  expect(named.length).toBeGreaterThan(20);
  expect([...new Set(named)].filter((name) => !existing.has(name))).toEqual([]);
});

test('every metric of ours is on the dashboard', async () => {
  const named = panels().flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => namesIn(expr)));
  const families = new Set(named.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
  const ours = [...(await namesThatExist())].filter((name) => name.startsWith('weai_'));
  const missing = ours.filter((name) => !families.has(name.replace(/_(bucket|sum|count)$/, '')));
  expect(missing).toEqual([]);
});

test('its panels have ids of their own and show something', () => {
  const all = panels();
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  const empty = all.filter(({ type, targets = [] }) => type !== 'row' && targets.length === 0);
  expect(empty.map(({ title }) => title)).toEqual([]);
});
