import koffi from 'koffi';
import { candidateArrayBytes, candidateBytes } from './library.ts';
import type { Pointer } from './structures.ts';

/** A `llama_token_data_array` over the whole vocabulary, in memory that samplers read and reorder. One serves all sequences in turn. */
export class Candidates {
  readonly size: number;
  readonly address: Pointer;
  readonly #data: Pointer;
  readonly #ids: Int32Array;
  readonly #values: Float32Array;
  readonly #header: BigInt64Array;

  constructor(vocabularySize: number) {
    this.size = vocabularySize;
    this.#data = koffi.address(koffi.alloc('uint8_t', vocabularySize * candidateBytes));
    this.address = koffi.address(koffi.alloc('uint8_t', candidateArrayBytes));
    const data = koffi.view(this.#data, vocabularySize * candidateBytes);
    this.#ids = new Int32Array(data);
    this.#values = new Float32Array(data);
    this.#header = new BigInt64Array(koffi.view(this.address, candidateArrayBytes));
  }

  fill(logits: Float32Array): void {
    for (let token = 0, at = 0; token < this.size; token += 1, at += 3) {
      this.#ids[at] = token;
      this.#values[at + 1] = logits[token] ?? 0;
      this.#values[at + 2] = 0;
    }
    this.#reset(this.size);
  }

  fillOne(token: number): void {
    this.#ids[0] = token;
    this.#values[1] = 1;
    this.#values[2] = 0;
    this.#reset(1);
  }

  #reset(count: number): void {
    this.#header[0] = this.#data;
    this.#header[1] = BigInt(count);
    this.#header[2] = -1n;
    this.#header[3] = 0n;
  }

  /** The token that the chain chose. */
  selected(): number {
    const index = Number(this.#header[2]);
    if (index < 0) throw new Error('the sampler chose no token');
    // A sampler may have moved the array into memory of its own.
    const data = this.#header[0] ?? this.#data;
    const ids =
      data === this.#data ? this.#ids : new Int32Array(koffi.view(data, (index + 1) * candidateBytes));
    return ids[index * 3] ?? 0;
  }

  /** Probability of all that are likelier than the chosen token. */
  massAboveSelected(): number {
    const chosen = this.#values[Number(this.#header[2]) * 3 + 2] ?? 0;
    let mass = 0;
    for (let at = 2; at < this.#values.length; at += 3) {
      const probability = this.#values[at] ?? 0;
      if (probability > chosen) mass += probability;
    }
    return mass;
  }

  /** Whether the one candidate is still possible: a grammar sets the logit of a refused token to minus infinity. */
  allowed(): boolean {
    return this.#values[1] !== -Infinity;
  }
}
