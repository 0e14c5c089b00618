import { CellCount, commonPrefixLength } from './prefix.ts';

/** What a slot needs of the key-value memory. */
interface SequenceMemory {
  readonly cells: number;
  readonly sequences: number;
  readonly sharesPrefixes: boolean;
  /** Tokens of prefixes that nobody runs on to keep at most: each of them makes every step a little longer. */
  readonly rememberedCells: number;
  truncate(sequence: number, length: number): void;
  share(source: number, target: number, length: number): void;
}

/** A sequence of the key-value memory: running for somebody, or remembered for its prefix. */
export interface Slot {
  readonly sequence: number;
  /** Prefixes are shared within a scope only. */
  scope: string;
  /** Tokens whose keys and values are in memory. */
  tokens: number[];
  cells: number[];
  /** What a running sequence will have in memory before it chooses its next token; null when nobody runs here. */
  target: ArrayLike<number> | null;
  lastUsedStep: number;
}

interface Prefix {
  slot: Slot | null;
  /** Tokens that are in memory now. */
  length: number;
  /** Tokens that will be, once the sequence that computes them is done. */
  promised: number;
}

/** The sequences of the key-value memory and the cells they hold. */
export class Slots {
  readonly #memory: SequenceMemory;
  readonly #slots: Slot[];
  readonly #cells: CellCount;

  constructor(memory: SequenceMemory) {
    this.#memory = memory;
    this.#cells = new CellCount(memory.cells);
    this.#slots = Array.from({ length: memory.sequences }, (_, sequence) => ({
      sequence,
      scope: '',
      tokens: [],
      cells: [],
      target: null,
      lastUsedStep: 0,
    }));
  }

  get freeCells(): number {
    return this.#cells.free;
  }

  /** The longest prefix of `target` that a sequence of the scope has, or is about to have. Its last token is never counted: its logits are needed. */
  longestPrefix(scope: string, target: ArrayLike<number>): Prefix {
    const best: Prefix = { slot: null, length: 0, promised: 0 };
    if (!this.#memory.sharesPrefixes) return best;
    const limit = target.length - 1;
    for (const slot of this.#slots) {
      if (slot.scope !== scope || (slot.tokens.length === 0 && slot.target === null)) continue;
      const length = commonPrefixLength(slot.tokens, target, limit);
      const growing =
        slot.target !== null && length === slot.tokens.length && slot.tokens.length < slot.target.length;
      const promised = growing && slot.target ? commonPrefixLength(slot.target, target, limit) : length;
      if (promised > best.promised || (promised === best.promised && length > best.length)) {
        Object.assign(best, { slot, length, promised });
      }
    }
    return best;
  }

  /** Whether so many tokens fit if every remembered prefix were given up. */
  hasRoomFor(tokens: number): boolean {
    let room = this.#cells.free;
    for (const slot of this.#slots) {
      if (room > tokens) return true;
      if (slot.target === null) room += this.#cells.soleUses(slot.cells);
    }
    return room > tokens;
  }

  /**
   * A sequence that starts with the first `length` tokens of `donor`: an empty one, else the least recently used remembered
   * one; the donor itself only when there is no other. Null when all are running.
   */
  take(
    donor: Slot | null,
    length: number,
    scope: string,
    target: ArrayLike<number>,
    step: number,
  ): Slot | null {
    const slot = this.#empty() ?? this.#leastRecentlyUsed(donor) ?? (donor?.target === null ? donor : null);
    if (!slot) return null;
    if (slot === donor) {
      this.#cut(slot, length);
    } else {
      this.#cut(slot, 0);
      if (donor && length > 0) this.#share(donor, slot, length);
    }
    if (donor) donor.lastUsedStep = step;
    Object.assign(slot, { scope, target, lastUsedStep: step });
    return slot;
  }

  /** Adds computed tokens to a sequence, with the cells that were taken for them. */
  append(slot: Slot, tokens: number[], cells: number[]): void {
    for (const token of tokens) slot.tokens.push(token);
    for (const cell of cells) slot.cells.push(cell);
  }

  takeCells(count: number): number[] {
    return Array.from({ length: count }, () => this.#cells.take());
  }

  returnCells(cells: number[]): void {
    this.#cells.release(cells);
  }

  /** Nobody runs here any more; the prefix is remembered where that is possible. */
  release(slot: Slot): void {
    slot.target = null;
    if (!this.#memory.sharesPrefixes) this.#cut(slot, 0);
    while (this.#remembered() > this.#memory.rememberedCells) {
      const oldest = this.#leastRecentlyUsed(null);
      if (!oldest) return;
      this.#cut(oldest, 0);
    }
  }

  /** Cells that only remembered prefixes hold; a cell that running sequences share is counted as theirs. */
  #remembered(): number {
    let running = 0;
    for (const slot of this.#slots) if (slot.target !== null) running += slot.cells.length;
    return this.#memory.cells - this.#cells.free - running;
  }

  /** Gives the cells of a sequence back. */
  forget(slot: Slot): void {
    slot.target = null;
    this.#cut(slot, 0);
  }

  /** Gives up remembered prefixes, the least recently used first, until so many cells are free. @returns whether they are. */
  evictUntilFree(cells: number): boolean {
    while (this.#cells.free < cells) {
      const oldest = this.#leastRecentlyUsed(null);
      if (!oldest) return false;
      this.#cut(oldest, 0);
    }
    return true;
  }

  /** Gives up every remembered prefix. @returns whether there was one. */
  evictAll(): boolean {
    const remembered = this.#slots.filter((slot) => slot.target === null && slot.tokens.length > 0);
    for (const slot of remembered) this.#cut(slot, 0);
    return remembered.length > 0;
  }

  #empty(): Slot | undefined {
    return this.#slots.find((slot) => slot.target === null && slot.tokens.length === 0);
  }

  #leastRecentlyUsed(except: Slot | null): Slot | null {
    let oldest: Slot | null = null;
    for (const slot of this.#slots) {
      if (slot.target !== null || slot === except || slot.tokens.length === 0) continue;
      if (!oldest || slot.lastUsedStep < oldest.lastUsedStep) oldest = slot;
    }
    return oldest;
  }

  #share(donor: Slot, slot: Slot, length: number): void {
    this.#memory.share(donor.sequence, slot.sequence, length);
    slot.tokens = donor.tokens.slice(0, length);
    slot.cells = donor.cells.slice(0, length);
    this.#cells.share(slot.cells);
  }

  #cut(slot: Slot, length: number): void {
    if (slot.tokens.length === length) return;
    this.#memory.truncate(slot.sequence, length);
    this.#cells.release(slot.cells.splice(length));
    slot.tokens.length = length;
  }
}
