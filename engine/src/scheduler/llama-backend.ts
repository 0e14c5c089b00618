import type { Context } from '../llama/context.ts';
import type { Llama } from '../llama/library.ts';
import { Candidates } from '../llama/candidates.ts';
import { Sampler } from '../llama/sampler.ts';
import type { Vocabulary } from '../llama/vocabulary.ts';
import type { SavedPart } from './archive.ts';
import { idleProcessors } from './idle-processors.ts';
import { logprobs } from './logprobs.ts';
import type { GenerationRequest } from './request.ts';
import type { InferenceBackend, SequenceSampler } from './scheduler.ts';

interface BackendSizes {
  rememberedCells: number;
  archiveBytes: number;
  partTokens: number;
  threads: number;
  promptBatchTokens: number;
  sequences: number;
  batchTokens: number;
  sharesPrefixes: boolean;
}

/** The scheduler's backend on llama.cpp. */
export class LlamaBackend implements InferenceBackend {
  readonly cells: number;
  readonly sequences: number;
  readonly batchTokens: number;
  readonly sharesPrefixes: boolean;
  readonly rememberedCells: number;
  readonly archiveBytes: number;
  readonly partTokens: number;
  readonly threads: number;
  readonly promptBatchTokens: number;
  readonly idleProcessors = idleProcessors();
  readonly #llama: Llama;
  readonly #context: Context;
  readonly #vocabulary: Vocabulary;
  readonly #candidates: Candidates;
  readonly #endTokens: Set<number>;

  constructor(llama: Llama, context: Context, vocabulary: Vocabulary, sizes: BackendSizes) {
    this.cells = context.cells;
    this.sequences = sizes.sequences;
    this.batchTokens = sizes.batchTokens;
    this.sharesPrefixes = sizes.sharesPrefixes;
    this.rememberedCells = sizes.rememberedCells;
    this.archiveBytes = sizes.archiveBytes;
    this.partTokens = sizes.partTokens;
    this.threads = sizes.threads;
    this.promptBatchTokens = sizes.promptBatchTokens;
    this.#llama = llama;
    this.#context = context;
    this.#vocabulary = vocabulary;
    this.#candidates = new Candidates(vocabulary.size);
    this.#endTokens = new Set(vocabulary.endTokens());
  }

  add(token: number, position: number, sequence: number, wantsLogits: boolean): number {
    return this.#context.add(token, position, sequence, wantsLogits);
  }

  decode(threads: number): boolean {
    this.#context.useThreads(threads);
    return this.#context.decode();
  }

  truncate(sequence: number, length: number): void {
    this.#context.truncate(sequence, length);
  }

  share(source: number, target: number, length: number): void {
    this.#context.share(source, target, length);
  }

  save(sequence: number, from: number, to: number): SavedPart | null {
    return this.#context.save(sequence, from, to);
  }

  newSampler(request: GenerationRequest): SequenceSampler {
    const sampler = new Sampler(
      this.#llama,
      this.#vocabulary,
      request.sampling,
      request.prompt,
      this.#candidates,
    );
    const { topLogprobs } = request;
    return {
      sample: (index) => {
        const token = sampler.sample(this.#context, index);
        if (topLogprobs === null) return { token, logprob: null, top: [] };
        const { chosen, top } = logprobs(
          this.#context.logits(index, this.#vocabulary.size),
          token,
          topLogprobs,
        );
        return { token, logprob: chosen, top };
      },
      free: () => sampler.free(),
    };
  }

  isEnd(token: number): boolean {
    return this.#endTokens.has(token);
  }

  nowMs(): number {
    return performance.now();
  }
}
