const slotMs = 1000;
/** A minute and the slot that is not over yet: what is let through can't be more than the limit in any 60 seconds. */
const slots = 61;

/** A sum over the last minute, in slots of a second. Times are milliseconds of a clock that only runs forward. */
export class MinuteWindow {
  readonly #sums = new Map<number, number>();
  #sum = 0;
  #latest = Number.NEGATIVE_INFINITY;
  /** What is older has been forgotten. */
  #oldest = Number.NEGATIVE_INFINITY;

  /** Adds to the slot of a time; false when that slot has left the window, and nothing was added. */
  add(amount: number, atMs: number, nowMs: number): boolean {
    const slot = Math.floor(atMs / slotMs);
    if (slot <= Math.floor(nowMs / slotMs) - slots) return false;
    this.#sums.set(slot, (this.#sums.get(slot) ?? 0) + amount);
    this.#sum += amount;
    if (slot > this.#latest) this.#latest = slot;
    return true;
  }

  sum(nowMs: number): number {
    this.#forget(nowMs);
    return this.#sum;
  }

  /** Milliseconds until the sum has fallen to `most`. */
  waitMs(most: number, nowMs: number): number {
    let sum = this.sum(nowMs);
    if (sum <= most) return 0;
    if (most === 0) return (this.#latest + slots) * slotMs - nowMs;
    for (const slot of [...this.#sums.keys()].toSorted((a, b) => a - b)) {
      sum -= this.#sums.get(slot) ?? 0;
      if (sum <= most) return (slot + slots) * slotMs - nowMs;
    }
    return 0;
  }

  /** Looks through the slots once a second at most. */
  #forget(nowMs: number): void {
    const oldest = Math.floor(nowMs / slotMs) - slots;
    if (oldest === this.#oldest) return;
    this.#oldest = oldest;
    for (const [slot, amount] of this.#sums) {
      if (slot > oldest) continue;
      this.#sums.delete(slot);
      this.#sum -= amount;
    }
  }
}
