import { Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { Distribution, DistributionMetric } from './distribution.ts';

const bounds = [0.1, 1, 10];
const about = { name: 'waits_seconds', help: 'How long it took.' };

test('shows what a histogram of prom-client shows', async () => {
  const theirs = new Registry();
  const histogram = new Histogram({ ...about, buckets: bounds, labelNames: ['model'], registers: [theirs] });
  const ours = new Registry();
  const distributions = new Map([
    ['a', new Distribution(bounds)],
    ['b "quoted"', new Distribution(bounds)],
    ['none', new Distribution(bounds)],
  ]);
  const metric = new DistributionMetric(about, () =>
    [...distributions].map(([model, distribution]) => ({ labels: { model }, distribution })),
  );
  ours.registerMetric(metric);
  for (const [model, values] of [
    ['a', [0, 0.1, 0.10001, 0.5, 10, 11]],
    ['b "quoted"', [5]],
  ] as const) {
    for (const value of values) {
      histogram.observe({ model }, value);
      distributions.get(model)?.observe(value);
    }
  }
  expect(await ours.metrics()).toBe(await theirs.metrics());
});
