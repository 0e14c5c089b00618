/** Counts by a few label values, cheaper to add to than a counter of prom-client: that one sorts and joins labels each time. */
export class Tally {
  readonly #counts = new Map<string, { values: readonly string[]; count: number }>();
  /** What was added to last: most often the next is the same, and then no key is made. */
  #last: { values: readonly string[]; count: number } | null = null;

  /** @param values as many each time, each from a small set. */
  add(...values: readonly string[]): void {
    if (this.#last === null || values.some((value, at) => value !== this.#last?.values[at])) {
      const key = values.join('\n');
      this.#last = this.#counts.get(key) ?? { values, count: 0 };
      this.#counts.set(key, this.#last);
    }
    this.#last.count += 1;
  }

  entries(): Iterable<{ values: readonly string[]; count: number }> {
    return this.#counts.values();
  }
}
