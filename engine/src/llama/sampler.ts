import koffi from 'koffi';
import type { SamplingOptions } from '../scheduler/request.ts';
import type { Context } from './context.ts';
import { candidateArrayBytes, candidateBytes, type Llama } from './library.ts';
import type { Pointer } from './structures.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Chooses the next token of one sequence with llama.cpp's samplers, held to a grammar where there is one. */
export class Sampler {
  readonly #llama: Llama;
  readonly #chain: Pointer;
  readonly #grammar: Pointer | null;
  readonly #candidates: Candidates;

  /** @throws Error when the grammar cannot be parsed. */
  constructor(
    llama: Llama,
    vocabulary: Vocabulary,
    options: SamplingOptions,
    prompt: Int32Array,
    candidates: Candidates,
  ) {
    this.#llama = llama;
    this.#candidates = candidates;
    this.#grammar = options.grammar ? newGrammar(llama, vocabulary, options.grammar) : null;
    this.#chain = newChain(llama, vocabulary, options, prompt);
  }

  /** The next token, from the logits at a batch index. */
  sample(context: Context, index: number): number {
    if (this.#grammar === null) return this.#llama.sample(this.#chain, context.pointer, index);
    const token = this.#sampleWithin(this.#grammar, context, index);
    this.#llama.samplerAccept(this.#chain, token);
    this.#llama.samplerAccept(this.#grammar, token);
    return token;
  }

  /** A grammar over the whole vocabulary costs milliseconds, over one token microseconds: so choose first, check, and only then filter. */
  #sampleWithin(grammar: Pointer, context: Context, index: number): number {
    const logits = context.logits(index, this.#candidates.size);
    this.#candidates.fill(logits);
    this.#llama.samplerApply(this.#chain, this.#candidates.address);
    const token = this.#candidates.selected();
    this.#candidates.fillOne(token);
    this.#llama.samplerApply(grammar, this.#candidates.address);
    if (this.#candidates.allowed()) return token;
    this.#candidates.fill(logits);
    this.#llama.samplerApply(grammar, this.#candidates.address);
    this.#llama.samplerApply(this.#chain, this.#candidates.address);
    return this.#candidates.selected();
  }

  free(): void {
    this.#llama.samplerFree(this.#chain);
    if (this.#grammar !== null) this.#llama.samplerFree(this.#grammar);
  }
}

/** The order is OpenAI's and vLLM's: bias and penalties on the logits, then temperature, then the cuts. */
function newChain(
  llama: Llama,
  vocabulary: Vocabulary,
  options: SamplingOptions,
  prompt: Int32Array,
): Pointer {
  const chain = llama.chain(llama.chainDefaults());
  const add = (sampler: Pointer): void => llama.chainAdd(chain, sampler);
  if (options.logitBias.length > 0)
    add(llama.logitBias(vocabulary.size, options.logitBias.length, options.logitBias));
  const window = prompt.length + options.maxTokens;
  if (options.repetitionPenalty !== 1) {
    const repetition = llama.penalties(vocabulary.size, window, options.repetitionPenalty, 0, 0);
    for (const token of prompt) llama.samplerAccept(repetition, token);
    add(repetition);
  }
  if (options.frequencyPenalty !== 0 || options.presencePenalty !== 0) {
    add(llama.penalties(vocabulary.size, window, 1, options.frequencyPenalty, options.presencePenalty));
  }
  if (options.temperature === 0) {
    add(llama.greedy());
    return chain;
  }
  if (options.temperature !== 1) add(llama.temperature(options.temperature));
  if (options.topK > 0) add(llama.topK(options.topK));
  if (options.topP < 1) add(llama.topP(options.topP, 1));
  if (options.minP > 0) add(llama.minP(options.minP, 1));
  add(llama.distribution(options.seed));
  return chain;
}

/** @throws Error when llama.cpp cannot parse it; its complaint is on standard error. */
export function newGrammar(
  llama: Llama,
  vocabulary: Vocabulary,
  grammar: NonNullable<SamplingOptions['grammar']>,
): Pointer {
  const { gbnf, triggerPatterns, triggerTokens } = grammar;
  const lazy = triggerPatterns.length > 0 || triggerTokens.length > 0;
  const tokens = Int32Array.from(triggerTokens);
  const sampler = lazy
    ? llama.lazyGrammar(
        vocabulary.pointer,
        gbnf,
        'root',
        triggerPatterns,
        triggerPatterns.length,
        tokens,
        tokens.length,
      )
    : llama.grammar(vocabulary.pointer, gbnf, 'root');
  if (!sampler) throw new Error('llama.cpp could not parse the grammar');
  return sampler;
}

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

  /** Whether the one candidate is still possible: a grammar sets the logit of a refused token to minus infinity. */
  allowed(): boolean {
    return this.#values[1] !== -Infinity;
  }
}
