/** All threads are slow when batches take so many times as long as on a quiet machine: half of them would take twice as long. */
const slowFactor = 2.2;
/** No single batch counts as slower than this: a machine that slept says nothing. */
const mostFactor = 20;
const learningRate = 0.3;
const fewestReducedSteps = 4;
const firstProbeSteps = 8;
const lastProbeSteps = 128;

/**
 * Decides how many threads compute a batch: all, or half of them while something else uses the processors. Threads wait for each
 * other hundreds of times in a batch, so that one that is off its core stops all: with one other busy process on two cores a token
 * took 38 ms on two threads and 13 on one, where two take 9 on a quiet machine.
 */
export class ThreadChoice {
  readonly #all: number;
  readonly #half: number;
  /** Times as long as on a quiet machine with all threads. */
  #slowdown = { all: 1, half: 1 };
  #reduced = false;
  #probing = false;
  /** Batches since the last change or probe. */
  #steps = 0;
  #probeAfter = firstProbeSteps;

  constructor(threads: number) {
    this.#all = threads;
    this.#half = Math.max(1, Math.floor(threads / 2));
  }

  /** Threads for the next batch. */
  get threads(): number {
    return this.#reduced && !this.#probing ? this.#half : this.#all;
  }

  /** Whether the next batch shows what all threads can do. */
  get usesAll(): boolean {
    return this.threads === this.#all;
  }

  /** How many times as long as on a quiet machine batches take now; at least 1. */
  get slowdown(): number {
    return Math.max(1, this.#reduced ? this.#slowdown.half : this.#slowdown.all);
  }

  /** Learns from a batch that took `factor` times as long as all threads take on a quiet machine. */
  observe(factor: number): void {
    if (this.#all === this.#half || !Number.isFinite(factor)) return;
    const seen = Math.min(factor, mostFactor);
    const kind = this.usesAll ? 'all' : 'half';
    this.#slowdown[kind] += learningRate * (seen - this.#slowdown[kind]);
    this.#steps += 1;
    if (!this.#reduced) this.#considerHalf();
    else if (this.#probing) this.#endProbe(seen);
    else this.#considerAll();
  }

  #considerHalf(): void {
    if (this.#slowdown.all < slowFactor || this.#steps < this.#probeAfter) return;
    this.#reduced = true;
    this.#steps = 0;
    // What half of the threads would take if nothing disturbed them.
    this.#slowdown.half = this.#all / this.#half;
  }

  #considerAll(): void {
    if (this.#steps >= fewestReducedSteps && this.#slowdown.half > this.#slowdown.all) {
      this.#useAll(this.#probeAfter * 2);
    } else if (this.#steps >= this.#probeAfter) {
      this.#probing = true;
    }
  }

  #endProbe(seen: number): void {
    this.#probing = false;
    this.#steps = 0;
    if (seen < this.#slowdown.half) {
      this.#useAll(firstProbeSteps);
      this.#slowdown.all = seen;
    } else {
      this.#probeAfter = Math.min(this.#probeAfter * 2, lastProbeSteps);
    }
  }

  #useAll(probeAfter: number): void {
    this.#reduced = false;
    this.#steps = 0;
    this.#probeAfter = Math.min(probeAfter, lastProbeSteps);
  }
}
