/** No step is planned to last longer than this because of prompts, in milliseconds: a stall that people see starts there. */
const longestStepMs = 180;
/** Each waiting prompt may slow running streams down by this many of their own token times. */
const slowdownPerPrompt = 1.5;
const smallestChunk = 8;

/**
 * Decides how many prompt tokens may ride along in a step beside running streams, from measured times: one long prompt makes a
 * step last at most 2.5 token times; a burst of prompts may use more, up to `longestStepMs`, because their first tokens wait too.
 */
export class Pace {
  #decodeStepMs = 0;
  #promptTokenMs = 0;

  /** Most prompt tokens for the next step. */
  promptTokens(decoding: number, prompts: number, room: number): number {
    if (decoding === 0 || this.#decodeStepMs === 0 || this.#promptTokenMs === 0) {
      return decoding === 0 ? room : Math.min(room, 4 * smallestChunk);
    }
    const extraMs = Math.min(
      this.#decodeStepMs * slowdownPerPrompt * prompts,
      Math.max(longestStepMs, this.#decodeStepMs * slowdownPerPrompt),
    );
    return Math.max(Math.min(room, smallestChunk), Math.min(room, Math.floor(extraMs / this.#promptTokenMs)));
  }

  /** Learns from a step that took `ms`. */
  observe(decoding: number, promptTokens: number, ms: number): void {
    if (promptTokens === 0) {
      this.#decodeStepMs = smooth(this.#decodeStepMs, ms);
    } else if (promptTokens >= smallestChunk) {
      const promptMs = decoding === 0 ? ms : ms - this.#decodeStepMs;
      this.#promptTokenMs = smooth(this.#promptTokenMs, Math.max(promptMs, 0) / promptTokens);
    }
  }
}

function smooth(average: number, value: number): number {
  return average === 0 ? value : average + 0.25 * (value - average);
}
