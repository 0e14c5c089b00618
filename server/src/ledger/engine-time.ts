/**
 * Shares a deployment's busy time among the requests that it answers at the same time, so that their seconds add up to the
 * time that it was busy: with two running, each gets half of every moment.
 */
export class EngineTime {
  readonly #clocks = new Map<string, { running: number; sharedMs: number; atMs: number }>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Begins a request's share; the function tells the seconds so far, and `end` fixes them. */
  begin(deploymentId: string): { seconds(): number; end(): number } {
    const clock = this.#clocks.get(deploymentId) ?? { running: 0, sharedMs: 0, atMs: 0 };
    this.#clocks.set(deploymentId, clock);
    this.#advance(clock);
    clock.running += 1;
    const startMs = clock.sharedMs;
    let ended: number | null = null;
    const seconds = (): number => {
      if (ended !== null) return ended;
      this.#advance(clock);
      return Math.round(clock.sharedMs - startMs) / 1000;
    };
    return {
      seconds,
      end: () => {
        if (ended !== null) return ended;
        ended = seconds();
        clock.running -= 1;
        return ended;
      },
    };
  }

  #advance(clock: { running: number; sharedMs: number; atMs: number }): void {
    const now = this.#now();
    if (clock.running > 0) clock.sharedMs += (now - clock.atMs) / clock.running;
    clock.atMs = now;
  }
}
