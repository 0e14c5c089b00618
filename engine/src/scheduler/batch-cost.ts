/** Sizes whose times are kept; between them time is linear. */
const sizes = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
/** A time that was once seen is believed this much less with each slower one: machines get busier, and contexts longer. */
const forgetting = 1.02;
/** From this many tokens on, llama.cpp's attention on processors works in tiles (`GGML_FA_TILE_Q`), which costs less for each. */
const tileTokens = 64;
/** Of what looking back costs in a small batch, the part that it was seen to cost in a tile (0.75 of 3.5 µs). */
const tileShare = 0.21;
/** Batches that look back on fewer tokens than this tell how long a size takes, those on more how long looking back takes. */
const shallowTokens = 512;
const learningRate = 0.2;
/** A batch that something else on the machine held up says at most so much more than those before it. */
const mostRise = 1.1;

/**
 * How long batches take: by their size, and by what their tokens look back on.
 * Of a size it believes the shortest time seen lately. Whatever else runs on the machine only ever makes a batch slower, and a size
 * that looks dear would never be tried again.
 */
export class BatchCost {
  readonly #ms: (number | null)[] = sizes.map(() => null);
  /** Milliseconds for each token of a batch and each token that it looks back on, in small batches and in tiled ones. */
  readonly #depthMs: { small: number | null; tiled: number | null } = { small: null, tiled: null };

  /** @param depth tokens that each of the batch's tokens looks back on, on the average. */
  observe(tokens: number, ms: number, depth: number): void {
    if (depth >= shallowTokens) {
      this.#observeDepth(tokens, ms, depth);
      return;
    }
    const at = nearest(tokens);
    const known = this.#ms[at];
    const seen = this.#msOfSize(at, tokens, ms, depth);
    this.#ms[at] = known == null ? seen : Math.min(seen, known * forgetting);
  }

  /** Learns from a batch that half of the threads computed: all of them take no longer, if nothing disturbs them. */
  bound(tokens: number, ms: number, depth: number): void {
    const at = nearest(tokens);
    this.#ms[at] = Math.min(this.#ms[at] ?? Infinity, this.#msOfSize(at, tokens, ms, depth));
  }

  /** What a batch says of one of the kept size, that looks back on nothing. */
  #msOfSize(at: number, tokens: number, ms: number, depth: number): number {
    const shallowMs = Math.max(ms / 2, ms - this.depthMs(tokens, tokens * depth));
    return (shallowMs * (sizes[at] ?? tokens)) / tokens;
  }

  #observeDepth(tokens: number, ms: number, depth: number): void {
    const seen = Math.max(0, ms - this.#sizeMs(tokens)) / (tokens * depth);
    const kind = kindOf(tokens);
    const known = this.#depthMs[kind];
    this.#depthMs[kind] =
      known === null ? seen : known + learningRate * (Math.min(seen, known * mostRise) - known);
  }

  /** Expected milliseconds of a batch whose tokens look back on `depth` tokens each; 0 when nothing was ever measured. */
  predict(tokens: number, depth: number): number {
    return this.#sizeMs(tokens) + this.depthMs(tokens, tokens * depth);
  }

  /** What looking back costs a batch of so many tokens. @param pairs tokens looked back on, summed over the batch's. */
  depthMs(tokens: number, pairs: number): number {
    const { small, tiled } = this.#depthMs;
    if (kindOf(tokens) === 'small') return (small ?? 0) * pairs;
    // What was never measured is not free.
    return (tiled ?? (small ?? 0) * tileShare) * pairs;
  }

  #sizeMs(tokens: number): number {
    let below: [number, number] | null = null;
    for (const [at, size] of sizes.entries()) {
      const ms = this.#ms[at];
      if (ms == null) continue;
      if (size === tokens) return ms;
      if (size > tokens) {
        if (!below) return ms;
        return below[1] + ((ms - below[1]) * (tokens - below[0])) / (size - below[0]);
      }
      below = [size, ms];
    }
    return below ? (below[1] * tokens) / below[0] : 0;
  }
}

function kindOf(tokens: number): 'small' | 'tiled' {
  return tokens < tileTokens ? 'small' : 'tiled';
}

function nearest(tokens: number): number {
  let best = 0;
  for (const [at, size] of sizes.entries()) {
    if (Math.abs(size - tokens) <= Math.abs((sizes[best] ?? 0) - tokens)) best = at;
  }
  return best;
}
