import { commonPrefixLength } from './prefix.ts';

/** Keys and values of a part of a sequence, outside of the key-value memory. */
export interface SavedPart {
  readonly tokens: number;
  readonly bytes: number;
  /** Puts them behind the parts before it in a sequence. @returns false when llama.cpp finds no room for them. */
  restore(sequence: number): boolean;
  free(): void;
}

interface Archived {
  readonly scope: string;
  readonly tokens: readonly number[];
  readonly parts: readonly SavedPart[];
}

/** A prefix that the archive has: the parts of an archived sequence that hold it are put back, then cut to what is wanted. */
export interface ArchivedPrefix {
  /** Of the whole sequence. */
  readonly tokens: readonly number[];
  readonly parts: readonly SavedPart[];
  readonly length: number;
}

/** The parts of a sequence that hold its first `length` tokens, and how many tokens those parts have. */
export function leadingParts({ parts, length }: ArchivedPrefix): { leading: SavedPart[]; tokens: number } {
  const leading: SavedPart[] = [];
  let tokens = 0;
  for (const part of parts) {
    if (tokens >= length) break;
    leading.push(part);
    tokens += part.tokens;
  }
  return { leading, tokens };
}

/**
 * Prefixes that nobody runs on, in ordinary memory. In the key-value memory each remembered token makes every step longer, because
 * attention passes over it: 0.4 µs for each token computed, where computing one takes 3 ms (SmolLM2, two threads). Putting one
 * away costs 15 µs, bringing it back 3 µs. The first to come are the first to go when the budget is used up.
 */
export class Archive {
  readonly #budgetBytes: number;
  /** In the order in which they came; one that was used comes anew. */
  #entries: Archived[] = [];
  #bytes = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  /** Whether a sequence of the scope is here that begins with these tokens. */
  has(scope: string, tokens: readonly number[]): boolean {
    return this.#entries.some((entry) => entry.scope === scope && beginsWith(entry.tokens, tokens));
  }

  /** Keeps a sequence in place of those that it continues; its parts belong to the archive from then on. */
  keep(scope: string, tokens: readonly number[], parts: readonly SavedPart[]): void {
    for (const entry of this.#entries.filter(
      (other) => other.scope === scope && beginsWith(tokens, other.tokens),
    ))
      this.#drop(entry);
    this.#entries.push({ scope, tokens, parts });
    this.#bytes += bytesOf(parts);
    while (this.#bytes > this.#budgetBytes) {
      const [oldest] = this.#entries;
      if (!oldest) return;
      this.#drop(oldest);
    }
  }

  /** The longest prefix of `target`, up to `limit` tokens, that a sequence of the scope begins with. */
  longestPrefix(scope: string, target: ArrayLike<number>, limit: number): ArchivedPrefix | null {
    let best: Archived | null = null;
    let length = 0;
    for (const entry of this.#entries) {
      if (entry.scope !== scope) continue;
      const shared = commonPrefixLength(entry.tokens, target, limit);
      if (shared > length) [best, length] = [entry, shared];
    }
    return best && { tokens: best.tokens, parts: best.parts, length };
  }

  /** Takes a prefix out: what was saved is the caller's from then on. */
  take({ parts }: ArchivedPrefix): void {
    this.#entries = this.#entries.filter((entry) => entry.parts !== parts);
    this.#bytes -= bytesOf(parts);
  }

  #drop(entry: Archived): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#bytes -= bytesOf(entry.parts);
    for (const part of entry.parts) part.free();
  }
}

export function bytesOf(parts: readonly SavedPart[]): number {
  return parts.reduce((sum, part) => sum + part.bytes, 0);
}

function beginsWith(tokens: readonly number[], start: readonly number[]): boolean {
  return commonPrefixLength(tokens, start, start.length) === start.length;
}
