import { BatchCost } from './batch-cost.ts';

/** A burst of prompts may take so long between two steps of the streams: a stall that people see starts there. */
const longestBurstMs = 200;
/** A prompt of so few tokens is soon over: streams wait for it as for a burst. */
const shortPromptTokens = 256;
/** One longer prompt beside running streams may stretch their token time to this many of its own. */
const longestStretch = 2.4;
/** One batch for streams and prompts must be so much faster by its size alone: attention makes it slower than its size tells. */
const worthMixing = 1.2;

/** What waits to be computed. */
interface Demand {
  /** Sequences that wait for their next token. */
  streams: number;
  /** Tokens that these look back on, on the average. */
  streamDepth: number;
  /** Sequences whose prompts are not computed. */
  prompts: number;
  /** Tokens of the first of these that had to be computed when it began. */
  promptLength: number;
  /** Tokens that the first of these has computed. */
  promptDepth: number;
  /** Tokens that a batch can take. */
  room: number;
  /** How many times as long as on a quiet machine batches take now. */
  slowdown: number;
}

interface Share {
  /** Most prompt tokens of the next batch that has prompts. */
  promptTokens: number;
  /** Whether the streams' tokens ride in the same batch. */
  mixed: boolean;
}

/**
 * Decides from measured times how many prompt tokens are computed between two tokens of the running streams, and whether in one
 * batch with them. Alone, prompts fill a batch. One long prompt stretches the token time to at most 2.4 of its own; a burst, or
 * a short prompt, may pause the streams for `longestBurstMs`, because first tokens wait too. Within that it takes the size that
 * computes the most tokens a second.
 *
 * On processors a batch costs about the same for each token, while attention reads the memory of all sequences for each of them, in
 * large batches in tiles for all: 16 streams and a prompt of 128 tokens took 496 ms in two batches and 631 ms in one (SmolLM2, two
 * threads of an AVX-512 machine). On a GPU, and where weights come slowly from memory, a second batch costs as much as the first.
 */
export class Pace {
  readonly #cost = new BatchCost();
  readonly #promptBatchTokens: number;

  /** @param promptBatchTokens a batch of more computes none of them faster, and makes the first prompts wait for the last. */
  constructor(promptBatchTokens: number) {
    this.#promptBatchTokens = promptBatchTokens;
  }

  /**
   * Learns from a batch of `tokens` that took `ms`.
   * @param depth tokens that each of them looks back on, on the average.
   */
  observe(tokens: number, ms: number, depth: number): void {
    this.#cost.observe(tokens, ms, depth);
  }

  /** Learns from a batch of half of the threads. */
  bound(tokens: number, ms: number, depth: number): void {
    this.#cost.bound(tokens, ms, depth);
  }

  /** Expected milliseconds of a batch when nothing disturbs it; 0 when nothing was ever measured. */
  quietMs(tokens: number, depth: number): number {
    return this.#cost.predict(tokens, depth);
  }

  share({ streams, streamDepth, prompts, promptLength, promptDepth, room, slowdown }: Demand): Share {
    if (streams === 0) return { promptTokens: Math.min(room, this.#promptBatchTokens), mixed: false };
    const streamMs = this.#cost.predict(streams, streamDepth);
    const soonOver = prompts > 1 || promptLength <= shortPromptTokens;
    const allowedMs = Math.max(
      streamMs * longestStretch,
      soonOver ? streamMs + longestBurstMs / slowdown : 0,
    );
    const apart = this.#best(room, allowedMs, (count) => streamMs + this.#cost.predict(count, promptDepth));
    const mixed = this.#best(
      room - streams,
      allowedMs,
      (count) =>
        this.#cost.predict(streams + count, 0) +
        this.#cost.depthMs(streams + count, streams * streamDepth + count * promptDepth),
    );
    return mixed.tokensPerMs > apart.tokensPerMs * worthMixing
      ? { promptTokens: mixed.tokens, mixed: true }
      : { promptTokens: apart.tokens, mixed: false };
  }

  /** The size that computes the most prompt tokens in a time, within the allowed one; a single token in any case. */
  #best(
    room: number,
    allowedMs: number,
    msOf: (count: number) => number,
  ): { tokens: number; tokensPerMs: number } {
    let best = { tokens: 1, tokensPerMs: 1 / msOf(1) };
    for (let tokens = 2; tokens <= Math.min(room, this.#promptBatchTokens); tokens += 1) {
      const ms = msOf(tokens);
      if (ms <= allowedMs && tokens / ms > best.tokensPerMs) best = { tokens, tokensPerMs: tokens / ms };
    }
    return best;
  }
}
