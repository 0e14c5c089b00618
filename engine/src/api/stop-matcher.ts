/** Finds stop strings in text that arrives in pieces, however they are cut. Text that may begin a stop string is held back. */
export class StopMatcher {
  readonly #stops: string[];
  readonly #longest: number;
  #held = '';

  /** @param stops non-empty strings. */
  constructor(stops: string[]) {
    this.#stops = stops;
    this.#longest = Math.max(0, ...stops.map((stop) => stop.length));
  }

  /** @returns text that can be shown, and whether a stop string followed it: then nothing more is to be shown. */
  push(piece: string): { text: string; stopped: boolean } {
    if (this.#longest === 0) return { text: piece, stopped: false };
    const text = this.#held + piece;
    const at = firstComplete(text, this.#stops);
    if (at !== null) {
      this.#held = '';
      return { text: text.slice(0, at), stopped: true };
    }
    const keep = this.#possibleStart(text);
    this.#held = text.slice(text.length - keep);
    return { text: text.slice(0, text.length - keep), stopped: false };
  }

  /** Text that was held back and turned out to be text. */
  end(): string {
    const text = this.#held;
    this.#held = '';
    return text;
  }

  /** Length of the longest end of `text` that a stop string begins with. */
  #possibleStart(text: string): number {
    for (let length = Math.min(text.length, this.#longest - 1); length > 0; length -= 1) {
      const tail = text.slice(text.length - length);
      if (this.#stops.some((stop) => stop.startsWith(tail))) return length;
    }
    return 0;
  }
}

/** Where the stop string begins that is complete first (of several, the longest): the same however the text arrives. */
function firstComplete(text: string, stops: string[]): number | null {
  let best: { start: number; end: number } | null = null;
  for (const stop of stops) {
    const start = text.indexOf(stop);
    const end = start + stop.length;
    if (start === -1 || (best && (end > best.end || (end === best.end && start >= best.start)))) continue;
    best = { start, end };
  }
  return best?.start ?? null;
}
