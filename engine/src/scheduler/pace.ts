/** No step is planned to last longer than this while prompts wait: a stall that people see starts there. */
const longestStepMs = 180;
/** One prompt beside running streams may stretch a step to this many of their own token times. */
const longestStretch = 2.5;
/** A batch of more tokens computes none of them faster, and makes the first prompts wait for the last. */
export const efficientBatchTokens = 128;

/**
 * Decides how many prompt tokens ride along in a step, from measured times. Alone, prompts fill a batch. Beside streams, one prompt
 * stretches a step to at most 2.5 token times; a burst of prompts may use `longestStepMs`, because their first tokens wait too.
 * Within that it takes the size that computes the most tokens a second: small batches are dear, and some sizes are dearer than
 * larger ones (on one AVX-512 machine 8 tokens took 30 ms, 12 took 66, 128 took 504).
 */
export class Pace {
  readonly #cost = new BatchCost();

  /** Learns from a batch of `tokens` that took `ms`. */
  observe(tokens: number, ms: number): void {
    this.#cost.observe(tokens, ms);
  }

  /**
   * Most prompt tokens for the next step.
   * @param streams tokens of running streams that are in the batch.
   * @param prompts sequences whose prompts are not computed.
   * @param room tokens that the batch can still take.
   */
  promptTokens(streams: number, prompts: number, room: number): number {
    const most = Math.min(room, efficientBatchTokens);
    if (streams === 0) return most;
    const tokenMs = this.#cost.predict(streams);
    const allowedMs = Math.max(tokenMs * longestStretch, prompts > 1 ? longestStepMs : 0);
    let best = 1;
    for (let count = 2; count <= most; count += 1) {
      const ms = this.#cost.predict(streams + count);
      if (ms <= allowedMs && count / ms > best / this.#cost.predict(streams + best)) best = count;
    }
    return Math.min(best, most);
  }
}

/** Sizes whose times are kept; between them time is linear. */
const sizes = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];

/** A time that was once seen is believed this much less with each slower one: machines get busier, and contexts longer. */
const forgetting = 1.02;

/**
 * Times of batches by their size: the shortest seen lately. Whatever else runs on the machine only ever makes a batch slower, and a
 * size that looks dear would never be tried again.
 */
class BatchCost {
  readonly #ms: (number | null)[] = sizes.map(() => null);

  observe(tokens: number, ms: number): void {
    const at = nearest(tokens);
    const scaled = (ms * (sizes[at] ?? tokens)) / tokens;
    const known = this.#ms[at];
    this.#ms[at] = known == null ? scaled : Math.min(scaled, known * forgetting);
  }

  /** Expected milliseconds; 0 when nothing was ever measured. */
  predict(tokens: number): number {
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

function nearest(tokens: number): number {
  let best = 0;
  for (const [at, size] of sizes.entries()) {
    if (Math.abs(size - tokens) <= Math.abs((sizes[best] ?? 0) - tokens)) best = at;
  }
  return best;
}
