/** Number of leading tokens that two sequences share, at most `limit`. */
export function commonPrefixLength(a: ArrayLike<number>, b: ArrayLike<number>, limit: number): number {
  const end = Math.min(a.length, b.length, limit);
  let length = 0;
  while (length < end && a[length] === b[length]) length += 1;
  return length;
}

/**
 * Counts who uses each cell of the key-value memory. Sequences that share a prefix share its cells, so a cell is free when the
 * last of them lets go. The numbers are ours alone: llama.cpp places cells as it likes, but it holds exactly as many.
 */
export class CellCount {
  readonly #users: Uint16Array;
  readonly #free: number[] = [];

  constructor(cells: number) {
    this.#users = new Uint16Array(cells);
    for (let cell = cells - 1; cell >= 0; cell -= 1) this.#free.push(cell);
  }

  get free(): number {
    return this.#free.length;
  }

  /** @throws RangeError when none is free: the caller makes room first. */
  take(): number {
    const cell = this.#free.pop();
    if (cell === undefined) throw new RangeError('no free cell');
    this.#users[cell] = 1;
    return cell;
  }

  share(cells: number[]): void {
    for (const cell of cells) this.#users[cell] = (this.#users[cell] ?? 0) + 1;
  }

  release(cells: number[]): void {
    for (const cell of cells) {
      const users = (this.#users[cell] ?? 0) - 1;
      if (users < 0) throw new RangeError(`cell ${cell} was released twice`);
      this.#users[cell] = users;
      if (users === 0) this.#free.push(cell);
    }
  }

  /** How many of these cells would become free if their one user let go. */
  soleUses(cells: number[]): number {
    let count = 0;
    for (const cell of cells) if (this.#users[cell] === 1) count += 1;
    return count;
  }
}
