/** A load that may be asked for at any time. Asked for while it runs, it runs once more, since the first may have missed what changed. */
export class Reload {
  readonly #load: () => Promise<void>;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(load: () => Promise<void>) {
    this.#load = load;
  }

  /** Resolves after a load that began at or after this call. Rejects as that load does. */
  now(): Promise<void> {
    if (this.#running === null) {
      this.#running = this.#load().finally(() => {
        this.#running = null;
      });
      return this.#running;
    }
    const again = (): Promise<void> => {
      this.#next = null;
      return this.now();
    };
    this.#next ??= this.#running.then(again, again);
    return this.#next;
  }

  /** Resolves when nothing runs any more, however that ended. */
  async idle(): Promise<void> {
    await Promise.allSettled([this.#running, this.#next]);
  }
}
