/** What a deployment did lately. */
export interface DeploymentLoad {
  /** Requests of this server that it is answering now, from dispatch to end. */
  inFlight: number;
  /** Generated over the last five seconds, for this server. */
  tokensPerSecond: number;
  /** Median over the last minutes; null when there was no request, or the engine doesn't tell. */
  queueMs: number | null;
  timeToFirstTokenMs: number | null;
}

const windowSeconds = 5;
const latelyMs = 300_000;
/** Enough for a median, and few enough to sort when somebody looks. */
const mostSamples = 64;

interface Sample {
  atMs: number;
  queueMs: number | null;
  timeToFirstTokenMs: number | null;
}

/** The last seconds' tokens and the last minutes' waits: cheap to add to, and of one size however busy it is. */
export class RecentLoad {
  /** By second, in turn. */
  readonly #tokens = Array.from({ length: windowSeconds }, () => ({ second: -1, count: 0 }));
  readonly #samples: Sample[] = [];
  #next = 0;
  readonly #now: () => number;

  /** @param now milliseconds of a clock that only runs forward. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  generated(tokens: number): void {
    const second = Math.floor(this.#now() / 1000);
    const slot = this.#tokens[second % windowSeconds];
    if (slot === undefined) return;
    if (slot.second !== second) {
      slot.second = second;
      slot.count = 0;
    }
    slot.count += tokens;
  }

  settled(queueMs: number | null, timeToFirstTokenMs: number | null): void {
    if (queueMs === null && timeToFirstTokenMs === null) return;
    this.#samples[this.#next] = { atMs: this.#now(), queueMs, timeToFirstTokenMs };
    this.#next = (this.#next + 1) % mostSamples;
  }

  get tokensPerSecond(): number {
    const nowSeconds = this.#now() / 1000;
    const oldest = Math.floor(nowSeconds) - windowSeconds + 1;
    const tokens = this.#tokens.reduce((sum, { second, count }) => sum + (second >= oldest ? count : 0), 0);
    // The second that runs counts as far as it has come.
    return tokens / (nowSeconds - oldest);
  }

  get queueMs(): number | null {
    return this.#median(({ queueMs }) => queueMs);
  }

  get timeToFirstTokenMs(): number | null {
    return this.#median(({ timeToFirstTokenMs }) => timeToFirstTokenMs);
  }

  #median(read: (sample: Sample) => number | null): number | null {
    const since = this.#now() - latelyMs;
    const values = this.#samples
      .filter(({ atMs }) => atMs >= since)
      .map(read)
      .filter((value) => value !== null)
      .toSorted((a, b) => a - b);
    return values[Math.floor((values.length - 1) / 2)] ?? null;
  }
}
