const slotMs = 1000;
/** A minute and the slot that is not over yet: what is let through can't be more than the limit in any 60 seconds. */
const slots = 61;
/** A power of two that the slots fit in: a slot's place is its number's last bits. */
const places = 64;
/** Before all slots; small enough to be no object of its own in V8's memory, as larger numbers are. */
const longAgo = -(2 ** 30);

/** A sum over the last minute, in slots of a second. Times are milliseconds of a clock that only runs forward. */
export class MinuteWindow {
  readonly #sums = Array.from({ length: places }, () => 0);
  #sum = 0;
  #latest = longAgo;
  /** What is as old has been forgotten. */
  #oldest = longAgo;

  /** Adds to the slot of a time; false when that slot has left the window, and nothing was added. */
  add(amount: number, atMs: number, nowMs: number): boolean {
    this.#forget(nowMs);
    const slot = Math.floor(atMs / slotMs);
    if (slot <= this.#oldest) return false;
    this.#sums[placeOf(slot)] = this.#in(slot) + amount;
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
    for (let slot = this.#oldest + 1; slot <= this.#latest; slot += 1) {
      sum -= this.#in(slot);
      if (sum <= most) return (slot + slots) * slotMs - nowMs;
    }
    return 0;
  }

  #in(slot: number): number {
    return this.#sums[placeOf(slot)] ?? 0;
  }

  /** Empties the slots that have left the window, before others take their places. */
  #forget(nowMs: number): void {
    const oldest = Math.floor(nowMs / slotMs) - slots;
    if (oldest <= this.#oldest) return;
    for (let slot = Math.max(this.#oldest, oldest - places) + 1; slot <= oldest; slot += 1) {
      this.#sum -= this.#in(slot);
      this.#sums[placeOf(slot)] = 0;
    }
    this.#oldest = oldest;
  }
}

/** Of numbers below zero too: a request that is remembered may be older than this process. */
function placeOf(slot: number): number {
  return slot & (places - 1);
}
