import type { SavedPart } from './archive.ts';
import type { GenerationRequest } from './request.ts';
import type { InferenceBackend, SequenceSampler } from './scheduler.ts';

interface Added {
  token: number;
  position: number;
  sequence: number;
  wantsLogits: boolean;
}

/**
 * A key-value memory without a model. The next token is a hash of everything that the sequence holds, so a prefix that is shared
 * wrongly, lost or computed twice changes the output. It checks what llama.cpp would: positions without gaps and enough cells.
 */
export class ScriptedBackend implements InferenceBackend {
  readonly cells: number;
  readonly sequences: number;
  readonly batchTokens: number;
  readonly threads = 2;
  readonly promptBatchTokens = 128;
  readonly sharesPrefixes: boolean;
  readonly rememberedCells: number;
  readonly archiveBytes: number;
  readonly partTokens: number;
  /** Saved parts of sequences that were not freed. */
  savedParts = 0;
  /** Batches that were run, for assertions on their make-up. */
  readonly batches: Added[][] = [];
  /** Refuse this many coming batches, as a full memory would. */
  refusals = 0;
  liveSamplers = 0;
  #memory = new Map<number, number[]>();
  #batch: Added[] = [];
  #clockMs = 0;

  constructor(
    sizes: {
      cells?: number;
      sequences?: number;
      batchTokens?: number;
      sharesPrefixes?: boolean;
      rememberedCells?: number;
      /** A token takes one. */
      archiveBytes?: number;
      partTokens?: number;
    } = {},
  ) {
    this.cells = sizes.cells ?? 4096;
    this.sequences = sizes.sequences ?? 16;
    this.batchTokens = sizes.batchTokens ?? 64;
    this.sharesPrefixes = sizes.sharesPrefixes ?? true;
    this.rememberedCells = sizes.rememberedCells ?? this.cells;
    this.archiveBytes = sizes.archiveBytes ?? 0;
    this.partTokens = sizes.partTokens ?? 50;
  }

  add(token: number, position: number, sequence: number, wantsLogits: boolean): number {
    return this.#batch.push({ token, position, sequence, wantsLogits }) - 1;
  }

  decode(_threads: number): boolean {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > this.batchTokens) throw new Error(`a batch of ${batch.length} tokens`);
    if (this.refusals > 0) {
      this.refusals -= 1;
      return false;
    }
    for (const { token, position, sequence } of batch) {
      const held = this.#held(sequence);
      if (held.length !== position)
        throw new Error(`sequence ${sequence} holds ${held.length} tokens, got position ${position}`);
      held.push(token);
    }
    this.batches.push(batch);
    this.#clockMs += 10 + batch.length;
    return true;
  }

  truncate(sequence: number, length: number): void {
    this.#memory.set(sequence, this.#held(sequence).slice(0, length));
  }

  share(source: number, target: number, length: number): void {
    if (this.#held(target).length > 0) throw new Error(`sequence ${target} is not empty`);
    if (this.#held(source).length < length)
      throw new Error(`sequence ${source} does not hold ${length} tokens`);
    this.#memory.set(target, this.#held(source).slice(0, length));
  }

  save(sequence: number, from: number, to: number): SavedPart | null {
    const held = this.#held(sequence).slice(from, to);
    if (held.length !== to - from) throw new Error(`sequence ${sequence} does not hold ${to} tokens`);
    this.savedParts += 1;
    let freed = false;
    return {
      tokens: held.length,
      bytes: held.length,
      restore: (target) => {
        if (freed) throw new Error('a freed part was restored');
        if (this.#held(target).length !== from) throw new Error(`sequence ${target} is not at ${from}`);
        this.#held(target).push(...held);
        return true;
      },
      free: () => {
        if (freed) throw new Error('a saved part was freed twice');
        freed = true;
        this.savedParts -= 1;
      },
    };
  }

  newSampler(_request: GenerationRequest): SequenceSampler {
    this.liveSamplers += 1;
    return {
      sample: (index) => {
        const added = this.batches.at(-1)?.[index];
        if (!added?.wantsLogits) throw new Error(`no logits at ${index}`);
        return { token: nextToken(this.#held(added.sequence)), logprob: null, top: [] };
      },
      free: () => {
        this.liveSamplers -= 1;
      },
    };
  }

  isEnd(token: number): boolean {
    return token === 0;
  }

  idleProcessors(): number {
    return 1;
  }

  nowMs(): number {
    return this.#clockMs;
  }

  /** Prompt and answer tokens that were computed in all. */
  get computedTokens(): number {
    return this.batches.reduce((sum, batch) => sum + batch.length, 0);
  }

  #held(sequence: number): number[] {
    const held = this.#memory.get(sequence) ?? [];
    this.#memory.set(sequence, held);
    return held;
  }
}

/** The token after these; 0 ends an answer. */
export function nextToken(tokens: ArrayLike<number>): number {
  let hash = 2166136261;
  for (let index = 0; index < tokens.length; index += 1)
    hash = Math.imul(hash ^ (tokens[index] ?? 0), 16777619) >>> 0;
  return hash % 50;
}

/** What the model answers to a prompt, computed without any scheduler. */
export function expectedAnswer(prompt: ArrayLike<number>, maxTokens: number): number[] {
  const held = Array.from(prompt);
  const answer: number[] = [];
  while (answer.length < maxTokens) {
    const token = nextToken(held);
    if (token === 0) break;
    answer.push(token);
    held.push(token);
  }
  return answer;
}
