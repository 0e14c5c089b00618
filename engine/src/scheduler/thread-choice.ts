/** All threads are slow when batches take so many times as long as on a quiet machine: half of them would take twice as long. */
const slowFactor = 2.2;
/** No single batch counts as slower than this: a machine that slept says nothing. */
const mostFactor = 20;
/** Batches of the last so many milliseconds decide: one that took longer than that alone does. */
const memoryMs = 100;
/** With half of the threads the other half of the cores would be free, were it not for others; so much of it must be. */
const idleEnough = 0.5;
const firstHoldMs = 250;
const longestHoldMs = 8000;

/**
 * Decides how many threads compute a batch: all, or half of them while something else uses the processors. Threads wait for each
 * other hundreds of times in a batch, so that one that is off its core stops all, and each wait may last until the system's
 * scheduler comes round: a token that takes 9 ms on two quiet cores took 38 ms beside one busy process and up to 3 s beside
 * three, where one thread took 13 and 12 to 50.
 */
export class ThreadChoice {
  readonly #all: number;
  readonly #half: number;
  /** Processors that were idle since the last call, on the average. */
  readonly #idleProcessors: () => number;
  /** Times as long as on a quiet machine with all threads, with those that compute now. */
  #slowdown = 1;
  #reduced = false;
  /** Computed since the last change, or since the last look at the idle processors. */
  #elapsedMs = 0;
  #holdMs = firstHoldMs;

  constructor(threads: number, idleProcessors: () => number) {
    this.#all = threads;
    this.#half = Math.max(1, Math.floor(threads / 2));
    this.#idleProcessors = idleProcessors;
  }

  /** Threads for the next batch. */
  get threads(): number {
    return this.#reduced ? this.#half : this.#all;
  }

  /** How many times as long as on a quiet machine batches take now; at least 1. */
  get slowdown(): number {
    return Math.max(1, this.#slowdown);
  }

  /** Learns from a batch that took `ms`, where all threads take `quietMs` on a quiet machine. */
  observe(ms: number, quietMs: number): void {
    if (this.#all === this.#half || quietMs <= 0) return;
    const factor = Math.min(ms / quietMs, mostFactor);
    this.#slowdown += (1 - Math.exp(-ms / memoryMs)) * (factor - this.#slowdown);
    this.#elapsedMs += ms;
    if (!this.#reduced) this.#considerHalf();
    else if (this.#elapsedMs >= this.#holdMs) this.#considerAll();
  }

  #considerHalf(): void {
    // A while without trouble: what comes next is a new one.
    if (this.#elapsedMs > longestHoldMs) this.#holdMs = firstHoldMs;
    if (this.#slowdown < slowFactor) return;
    this.#change(true, this.#all / this.#half);
    this.#idleProcessors();
  }

  #considerAll(): void {
    this.#elapsedMs = 0;
    if (this.#idleProcessors() < idleEnough * (this.#all - this.#half)) return;
    // Slow again soon, though cores were idle: then the machine itself is slow, and trying again costs more than it brings.
    this.#holdMs = Math.min(this.#holdMs * 2, longestHoldMs);
    this.#change(false, 1);
  }

  #change(reduced: boolean, slowdown: number): void {
    this.#reduced = reduced;
    this.#slowdown = slowdown;
    this.#elapsedMs = 0;
  }
}
