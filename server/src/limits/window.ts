const slotMs = 1000;
/** A minute and the slot that is not over yet: what is let through can't be more than the limit in any 60 seconds. */
const slots = 61;

/** A sum over the last minute, in slots of a second. Times are milliseconds of a clock that only runs forward. */
export class MinuteWindow {
  readonly #sums = new Map<number, number>();

  /** Adds to the slot of a time; false when that slot has left the window, and nothing was added. */
  add(amount: number, atMs: number, nowMs: number): boolean {
    const slot = Math.floor(atMs / slotMs);
    if (slot <= Math.floor(nowMs / slotMs) - slots) return false;
    this.#sums.set(slot, (this.#sums.get(slot) ?? 0) + amount);
    return true;
  }

  sum(nowMs: number): number {
    this.#forget(nowMs);
    let sum = 0;
    for (const amount of this.#sums.values()) sum += amount;
    return sum;
  }

  /** Milliseconds until the sum has fallen to `most`. */
  waitMs(most: number, nowMs: number): number {
    let sum = this.sum(nowMs);
    for (const slot of [...this.#sums.keys()].toSorted((a, b) => a - b)) {
      if (sum <= most) break;
      sum -= this.#sums.get(slot) ?? 0;
      if (sum <= most) return (slot + slots) * slotMs - nowMs;
    }
    return 0;
  }

  #forget(nowMs: number): void {
    const oldest = Math.floor(nowMs / slotMs) - slots;
    for (const slot of this.#sums.keys()) if (slot <= oldest) this.#sums.delete(slot);
  }
}
