import { Archive, type ArchivedPrefix, bytesOf, leadingParts, type SavedPart } from './archive.ts';
import { CellCount, commonPrefixLength } from './prefix.ts';

/** What a slot needs of the key-value memory. */
interface SequenceMemory {
  readonly cells: number;
  readonly sequences: number;
  readonly sharesPrefixes: boolean;
  /** Tokens of prefixes that nobody runs on to keep in this memory at most: each of them makes every step a little longer. */
  readonly rememberedCells: number;
  /** Bytes of prefixes to keep outside of it. */
  readonly archiveBytes: number;
  /** Tokens to put away at once: who runs meanwhile waits for so long. */
  readonly partTokens: number;
  truncate(sequence: number, length: number): void;
  share(source: number, target: number, length: number): void;
  /** Copies the keys and values of a sequence's tokens between two positions. @returns null when they cannot be read. */
  save(sequence: number, from: number, to: number): SavedPart | null;
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
  /** Its first parts, while it is being put away. */
  saved: SavedPart[];
}

/** What there is of a target already. */
export interface Prefix {
  /** A sequence that has a prefix of it in memory, or is about to. */
  readonly slot: Slot | null;
  /** What the archive has, when that is longer than what is in memory now. */
  readonly archived: ArchivedPrefix | null;
  /** Tokens that need not be computed. */
  readonly length: number;
  /** Tokens that the slot will have, once the sequence that computes them is done. */
  readonly promised: number;
}

/** A prefix is worth putting away from this many tokens on. */
const worthKeepingTokens = 32;

/** The sequences of the key-value memory and the cells they hold. */
export class Slots {
  readonly #memory: SequenceMemory;
  readonly #slots: Slot[];
  readonly #cells: CellCount;
  readonly #archive: Archive;

  constructor(memory: SequenceMemory) {
    this.#memory = memory;
    this.#cells = new CellCount(memory.cells);
    this.#archive = new Archive(memory.archiveBytes);
    this.#slots = Array.from({ length: memory.sequences }, (_, sequence) => ({
      sequence,
      scope: '',
      tokens: [],
      cells: [],
      target: null,
      lastUsedStep: 0,
      saved: [],
    }));
  }

  get freeCells(): number {
    return this.#cells.free;
  }

  /** The longest prefix of `target` that a sequence of the scope has, or is about to have. Its last token is never counted: its logits are needed. */
  longestPrefix(scope: string, target: ArrayLike<number>): Prefix {
    const best = { slot: null as Slot | null, length: 0, promised: 0 };
    if (!this.#memory.sharesPrefixes) return { ...best, archived: null };
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
    const archived = this.#archive.longestPrefix(scope, target, limit);
    if (archived === null || archived.length <= best.length) return { ...best, archived: null };
    return { ...best, archived, length: archived.length, promised: Math.max(best.promised, archived.length) };
  }

  /** Whether a target fits if every remembered prefix were given up. */
  hasRoomFor(target: ArrayLike<number>, { archived, length }: Prefix): boolean {
    const tokens = archived ? Math.max(leadingParts(archived).tokens, target.length) : target.length - length;
    let room = this.#cells.free;
    for (const slot of this.#slots) {
      if (room > tokens) return true;
      if (slot.target === null) room += this.#cells.soleUses(slot.cells);
    }
    return room > tokens;
  }

  /**
   * A sequence that starts with as much of the prefix as there is: an empty one, else the least recently used remembered one;
   * the donor itself only when there is no other. Null when all are running.
   */
  take(prefix: Prefix, scope: string, target: ArrayLike<number>, step: number): Slot | null {
    const { archived, length } = prefix;
    const donor = archived ? null : prefix.slot;
    const slot = this.#empty() ?? this.#leastRecentlyUsed(donor) ?? (donor?.target === null ? donor : null);
    if (!slot) return null;
    if (slot === donor) {
      freeAll(slot.saved.splice(0));
      this.#cut(slot, length);
    } else {
      // Out of the archive first: what is put away next may be too much for its budget.
      if (archived) this.#archive.take(archived);
      this.#putAway(slot);
      if (archived) this.#restore(slot, archived);
      else if (donor && length > 0) this.#share(donor, slot, length);
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
  }

  /** Whether more is remembered than should stay in this memory. */
  get untidy(): boolean {
    return this.#remembered() > this.#memory.rememberedCells && this.#nextToLeave() !== null;
  }

  /** Puts away one part of what is remembered beyond that. */
  tidy(): void {
    if (this.#remembered() <= this.#memory.rememberedCells) return;
    const slot = this.#nextToLeave();
    if (slot) this.#putAwayPart(slot);
  }

  #nextToLeave(): Slot | null {
    return this.#slots.find(({ saved }) => saved.length > 0) ?? this.#leastRecentlyUsed(null);
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
    this.#putAway(slot);
  }

  /** Gives up remembered prefixes, the least recently used first, until so many cells are free. @returns whether they are. */
  evictUntilFree(cells: number): boolean {
    while (this.#cells.free < cells) {
      const oldest = this.#leastRecentlyUsed(null);
      if (!oldest) return false;
      this.#putAway(oldest);
    }
    return true;
  }

  /** Gives up every remembered prefix. @returns whether there was one. */
  evictAll(): boolean {
    const remembered = this.#slots.filter((slot) => slot.target === null && slot.tokens.length > 0);
    for (const slot of remembered) this.#putAway(slot);
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

  /** Empties a sequence; what it holds goes to the archive unless it is elsewhere, or too little, or too much. */
  #putAway(slot: Slot): void {
    while (slot.tokens.length > 0) this.#putAwayPart(slot);
  }

  /** Saves the next part of a sequence; empties it when that was the last. */
  #putAwayPart(slot: Slot): void {
    const { scope, sequence, tokens, saved } = slot;
    if (saved.length > 0 || this.#isWorthKeeping(slot)) {
      const from = saved.reduce((sum, part) => sum + part.tokens, 0);
      const to = Math.min(from + this.#memory.partTokens, tokens.length);
      const part = this.#memory.save(sequence, from, to);
      if (part) saved.push(part);
      const wholeBytes = (bytesOf(saved) * tokens.length) / to;
      const fits = part !== null && wholeBytes <= this.#memory.archiveBytes;
      if (fits && to < tokens.length) return;
      if (fits) this.#archive.keep(scope, tokens.slice(), saved.splice(0));
    }
    freeAll(saved.splice(0));
    this.#cut(slot, 0);
  }

  #isWorthKeeping(slot: Slot): boolean {
    const { sharesPrefixes, archiveBytes } = this.#memory;
    const isLong = slot.tokens.length >= worthKeepingTokens;
    return sharesPrefixes && archiveBytes > 0 && isLong && !this.#isElsewhere(slot);
  }

  /** Whether another sequence, or the archive, begins with all that this one holds. */
  #isElsewhere({ sequence, scope, tokens }: Slot): boolean {
    const holds = (other: Slot): boolean =>
      other.sequence !== sequence &&
      other.scope === scope &&
      commonPrefixLength(other.tokens, tokens, tokens.length) === tokens.length;
    return this.#slots.some(holds) || this.#archive.has(scope, tokens);
  }

  /** Brings a sequence back that the archive had, and cuts it to its prefix; leaves the slot empty where there is no room. */
  #restore(slot: Slot, archived: ArchivedPrefix): void {
    const { leading, tokens } = leadingParts(archived);
    if (this.evictUntilFree(tokens) && leading.every((part) => part.restore(slot.sequence))) {
      slot.tokens = archived.tokens.slice(0, tokens);
      slot.cells = this.takeCells(tokens);
      this.#cut(slot, archived.length);
    } else {
      // Where a later part found no room, the earlier ones are in.
      this.#memory.truncate(slot.sequence, 0);
    }
    freeAll(archived.parts);
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

function freeAll(parts: readonly SavedPart[]): void {
  for (const part of parts) part.free();
}
