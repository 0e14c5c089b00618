/** Linear interpolation between closest ranks (Hyndman and Fan's type 7). NaN for no samples. */
export function quantile(samples: readonly number[], fraction: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(rank)] ?? Number.NaN;
  const above = sorted[Math.ceil(rank)] ?? Number.NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}

/** The middle sample, or the mean of the two in the middle. NaN for no samples. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Differences of neighbours: the gaps between times. One shorter than `times`. */
export function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? time));
}

/** Median of each figure over several rounds that all have the same figures. */
export function medianOfRounds<Figures extends Record<string, number>>(rounds: readonly Figures[]): Figures {
  const [first] = rounds;
  if (!first) throw new RangeError('no round was measured');
  const medians = Object.keys(first).map((name) => [name, median(rounds.map((round) => round[name] ?? NaN))]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has the keys of the first round
  return Object.fromEntries(medians) as Figures;
}
