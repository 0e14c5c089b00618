/** Where nothing is known of a model yet: a little below what English text needs in common vocabularies. */
const firstBytesPerToken = 3.5;
/** Role markers and the like. */
const tokensAround = 16;
/** What an image is worth where the model's own count isn't known. */
const tokensOfImage = 1600;
const weight = 0.1;

/** Tells how many tokens a prompt is going to have, from its bytes, and learns from what engines have counted. */
export class PromptEstimate {
  readonly #bytesPerToken = new Map<string, number>();

  /** The likeliest count. */
  expected(modelId: string, prompt: { bytes: number; images: number }): number {
    const bytesPerToken = this.#bytesPerToken.get(modelId) ?? firstBytesPerToken;
    return Math.ceil(prompt.bytes / bytesPerToken) + tokensAround + prompt.images * tokensOfImage;
  }

  /** A count that no tokenizer of bytes can pass: none makes more tokens than bytes. */
  upperBound(prompt: { bytes: number; images: number }): number {
    return prompt.bytes + tokensAround + prompt.images * tokensOfImage;
  }

  /** Takes up what an engine has counted; short prompts, which are markers mostly, and images teach nothing. */
  learn(modelId: string, prompt: { bytes: number; images: number }, promptTokens: number): void {
    if (prompt.images > 0 || prompt.bytes < 200 || promptTokens <= tokensAround) return;
    const seen = prompt.bytes / (promptTokens - tokensAround);
    const known = this.#bytesPerToken.get(modelId) ?? seen;
    this.#bytesPerToken.set(modelId, Math.max(1, known + weight * (seen - known)));
  }
}
