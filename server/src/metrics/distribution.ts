import { Histogram } from 'prom-client';

/** How many values there were up to each bound: cheaper to add to than prom-client's, which makes a text of the labels each time. */
export class Distribution {
  readonly bounds: readonly number[];
  /** By bound; the last is of what is above all of them. */
  readonly #counts: number[];
  count = 0;
  sum = 0;

  /** @param bounds upper ones, ascending. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let at = 0;
    for (const bound of this.bounds) {
      if (value <= bound) break;
      at += 1;
    }
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.count += 1;
    this.sum += value;
  }

  /** How many values were up to each bound, those up to lower ones among them. */
  upTo(): { bound: number; count: number }[] {
    let count = 0;
    return this.bounds.map((bound, at) => {
      count += this.#counts[at] ?? 0;
      return { bound, count };
    });
  }
}

/** Distributions and the labels of each, as one histogram for a registry. */
export class DistributionMetric extends Histogram {
  readonly #about: { name: string; help: string };
  readonly #read: () => Iterable<{ labels: object; distribution: Distribution }>;

  /** @param read tells all that there are; those without a value are left out. */
  constructor(
    about: { name: string; help: string },
    read: () => Iterable<{ labels: object; distribution: Distribution }>,
  ) {
    super({ ...about, registers: [] });
    this.#about = about;
    this.#read = read;
  }

  /** What prom-client asks a histogram for, though its types don't tell: the registry at each scrape, and `get`. */
  getForPromString(): Promise<object> {
    const { name, help } = this.#about;
    const values = [...this.#read()].flatMap(({ labels: sharedLabels, distribution }) => {
      const { count, sum } = distribution;
      if (count === 0) return [];
      const bucket = { metricName: `${name}_bucket`, sharedLabels };
      return [
        ...distribution
          .upTo()
          .map(({ bound, count: value }) => ({ ...bucket, labels: { le: bound }, value })),
        { ...bucket, labels: { le: '+Inf' }, value: count },
        { metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum },
        { metricName: `${name}_count`, labels: {}, sharedLabels, value: count },
      ];
    });
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
  }
}
