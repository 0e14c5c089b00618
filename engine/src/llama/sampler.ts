import type { SamplingOptions } from '../scheduler/request.ts';
import type { Context } from './context.ts';
import type { Candidates } from './candidates.ts';
import type { Llama } from './library.ts';
import { Nucleus, nucleusSuits } from './nucleus.ts';
import type { Pointer } from './structures.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Chooses the next token of one sequence with llama.cpp's samplers, held to a grammar where there is one. */
export class Sampler {
  readonly #llama: Llama;
  readonly #chain: Pointer;
  readonly #nucleus: Nucleus | null;
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
    this.#nucleus = nucleusSuits(options) ? new Nucleus(llama, options.topP, options.seed) : null;
    this.#chain = newChain(llama, vocabulary, options, prompt);
  }

  /** The next token, from the logits at a batch index. */
  sample(context: Context, index: number): number {
    if (this.#grammar === null && this.#nucleus === null)
      return this.#llama.sample(this.#chain, context.pointer, index);
    const logits = context.logits(index, this.#candidates.size);
    const token = this.#grammar === null ? this.#choose(logits) : this.#chooseWithin(this.#grammar, logits);
    this.#llama.samplerAccept(this.#chain, token);
    if (this.#grammar !== null) this.#llama.samplerAccept(this.#grammar, token);
    return token;
  }

  #choose(logits: Float32Array): number {
    this.#candidates.fill(logits);
    return this.#chooseFilled();
  }

  /** A grammar over the whole vocabulary costs milliseconds, over one token microseconds: so choose first, check, and only then filter. */
  #chooseWithin(grammar: Pointer, logits: Float32Array): number {
    const token = this.#choose(logits);
    this.#candidates.fillOne(token);
    this.#llama.samplerApply(grammar, this.#candidates.address);
    if (this.#candidates.allowed()) return token;
    this.#candidates.fill(logits);
    this.#llama.samplerApply(grammar, this.#candidates.address);
    return this.#chooseFilled();
  }

  #chooseFilled(): number {
    this.#llama.samplerApply(this.#chain, this.#candidates.address);
    return this.#nucleus === null ? this.#candidates.selected() : this.#nucleus.choose(this.#candidates);
  }

  free(): void {
    this.#llama.samplerFree(this.#chain);
    this.#nucleus?.free();
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
  if (nucleusSuits(options)) return chain;
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
