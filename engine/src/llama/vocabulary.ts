import type { Llama } from './library.ts';
import type { Pointer } from './structures.ts';

/** Above this many bytes a text is tokenized on another thread, so that no stream waits for it. */
const synchronousBytes = 4096;

/** The vocabulary of loaded weights. Reads only, so any thread may have one for the same model. */
export class Vocabulary {
  readonly size: number;
  readonly bos: string;
  readonly eos: string;
  readonly addsBos: boolean;
  readonly #llama: Llama;
  readonly #vocab: Pointer;
  readonly #pieces: (Uint8Array | undefined)[] = [];
  readonly #plainPieces: (Uint8Array | undefined)[] = [];

  constructor(llama: Llama, model: Pointer) {
    this.#llama = llama;
    this.#vocab = llama.vocabulary(model);
    this.size = llama.vocabularySize(this.#vocab);
    this.bos = this.#special(llama.tokenBos(this.#vocab));
    this.eos = this.#special(llama.tokenEos(this.#vocab));
    this.addsBos = llama.addsBos(this.#vocab);
  }

  get pointer(): Pointer {
    return this.#vocab;
  }

  #special(token: number): string {
    return token < 0 ? '' : (this.#llama.tokenText(this.#vocab, token) ?? '');
  }

  /**
   * Tokens of a text.
   * @param parseSpecial whether texts such as `<|im_start|>` become their special tokens: true for a template's own text,
   *   false for what a user wrote.
   */
  async tokenize(text: string, parseSpecial: boolean): Promise<Int32Array> {
    const bytes = new TextEncoder().encode(text);
    const tokens = new Int32Array(bytes.length + 8);
    const call = [this.#vocab, bytes, bytes.length, tokens, tokens.length, false, parseSpecial] as const;
    const count =
      bytes.length <= synchronousBytes
        ? this.#llama.tokenize(...call)
        : await new Promise<number>((resolve, reject) => {
            this.#llama.tokenize.async(...call, (error: Error | null, result: number) =>
              error ? reject(error) : resolve(result),
            );
          });
    if (count < 0) throw new Error(`llama_tokenize wants room for ${-count} tokens of ${bytes.length} bytes`);
    return tokens.subarray(0, count);
  }

  /** The single token that a special text stands for, or null when the vocabulary has none. */
  specialToken(text: string): number | null {
    const bytes = new TextEncoder().encode(text);
    const tokens = new Int32Array(bytes.length + 8);
    const count = this.#llama.tokenize(this.#vocab, bytes, bytes.length, tokens, tokens.length, false, true);
    const token = tokens[0];
    return count === 1 && token !== undefined && this.isControl(token) ? token : null;
  }

  /** Bytes of a token; a control token has none unless `special` asks for its text. The same array each time: don't write. */
  piece(token: number, special: boolean): Uint8Array {
    const cache = special ? this.#pieces : this.#plainPieces;
    const known = cache[token];
    if (known) return known;
    let buffer = new Uint8Array(64);
    let length = this.#llama.tokenToPiece(this.#vocab, token, buffer, buffer.length, 0, special);
    if (length < 0) {
      buffer = new Uint8Array(-length);
      length = this.#llama.tokenToPiece(this.#vocab, token, buffer, buffer.length, 0, special);
    }
    const piece = buffer.slice(0, length);
    cache[token] = piece;
    return piece;
  }

  /** Whether the token ends an answer (end of text, end of turn). */
  isEnd(token: number): boolean {
    return this.#llama.tokenIsEnd(this.#vocab, token);
  }

  isControl(token: number): boolean {
    return this.#llama.tokenIsControl(this.#vocab, token);
  }

  /** Texts of all control tokens, the longest first. */
  controlTexts(): string[] {
    const texts: string[] = [];
    for (let token = 0; token < this.size; token += 1) {
      const text = this.isControl(token) ? this.#special(token) : '';
      if (text) texts.push(text);
    }
    return texts.toSorted((a, b) => b.length - a.length);
  }

  /** Bytes of the longest token. */
  longestPieceBytes(): number {
    const buffer = new Uint8Array(1024);
    let longest = 1;
    for (let token = 0; token < this.size; token += 1) {
      const length = this.#llama.tokenToPiece(this.#vocab, token, buffer, buffer.length, 0, false);
      // Negative: it doesn't fit, and its size is told.
      longest = Math.max(longest, Math.abs(length));
    }
    return longest;
  }

  /** All tokens that end an answer. */
  endTokens(): number[] {
    const tokens: number[] = [];
    for (let token = 0; token < this.size; token += 1) if (this.isEnd(token)) tokens.push(token);
    return tokens;
  }
}
