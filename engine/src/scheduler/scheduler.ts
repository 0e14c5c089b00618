import { Pace } from './pace.ts';
import type { FinishCause, Finished, GeneratedToken, GenerationRequest, TokenLogprob } from './request.ts';
import type { SavedPart } from './archive.ts';
import { type Prefix, type Slot, Slots } from './slots.ts';
import { ThreadChoice } from './thread-choice.ts';

/** Chooses the tokens of one sequence. */
export interface SequenceSampler {
  sample(batchIndex: number): { token: number; logprob: TokenLogprob | null; top: TokenLogprob[] };
  free(): void;
}

/** What the scheduler needs of an inference library. Sequences are numbered from 0. */
export interface InferenceBackend {
  readonly cells: number;
  readonly sequences: number;
  readonly batchTokens: number;
  readonly threads: number;
  /** Prompt tokens beyond which a batch computes none of them faster. */
  readonly promptBatchTokens: number;
  /** Whether a sequence can be cut and can share a prefix: not so for recurrent models. */
  readonly sharesPrefixes: boolean;
  /** Tokens of remembered prefixes to keep in memory at most. */
  readonly rememberedCells: number;
  /** Bytes of remembered prefixes to keep outside of it. */
  readonly archiveBytes: number;
  /** Tokens of those to move at once. */
  readonly partTokens: number;
  /** @returns the index by which the token's logits are found after `decode`. */
  add(token: number, position: number, sequence: number, wantsLogits: boolean): number;
  /** Runs what was added on so many threads. @returns false when there was no room: nothing was computed. */
  decode(threads: number): boolean;
  truncate(sequence: number, length: number): void;
  share(source: number, target: number, length: number): void;
  /** Copies the keys and values of a sequence's tokens between two positions. @returns null when they cannot be read. */
  save(sequence: number, from: number, to: number): SavedPart | null;
  /** @throws Error when the request's grammar cannot be used. */
  newSampler(request: GenerationRequest): SequenceSampler;
  isEnd(token: number): boolean;
  nowMs(): number;
  /** Processors of the machine that were idle since the last call, on the average. */
  idleProcessors(): number;
}

/** A request on its way. What it has generated outlives a preemption. */
interface Entry {
  readonly request: GenerationRequest;
  readonly submittedMs: number;
  admittedMs: number | null;
  cachedTokens: number;
  readonly generated: number[];
  sampler: SequenceSampler | null;
  /** The sequence whose prefix this one waits for, while that sequence computes it. */
  donor: { slot: Slot; target: ArrayLike<number>; length: number } | null;
}

interface Running extends Entry {
  sampler: SequenceSampler;
  readonly slot: Slot;
  /** Tokens to compute before the next one can be chosen: the prompt, and what was generated before a preemption. */
  readonly target: ArrayLike<number>;
  /** Chosen, not yet computed. */
  pending: number | null;
}

interface Planned {
  readonly running: Running;
  readonly tokens: number[];
  readonly cells: number[];
  readonly output: number | null;
  /** Tokens that those look back on, on the average. */
  readonly depth: number;
}

interface StepResult {
  tokens: GeneratedToken[];
  finished: Finished[];
}

/** A prefix that another sequence is computing is worth waiting for from this many tokens on. */
const worthWaitingTokens = 32;

/**
 * Continuous batching. Each step admits what fits, gives every running sequence its next token and fills the rest of the batch
 * with prompts. Pure but for the backend: tests drive it with a scripted one.
 */
export class Scheduler {
  readonly #backend: InferenceBackend;
  readonly #slots: Slots;
  readonly #pace: Pace;
  readonly #threads: ThreadChoice;
  readonly #maxRunning: number;
  /** In the order of admission: the last one is preempted first. */
  #running: Running[] = [];
  #waiting: Entry[] = [];
  #step = 0;
  /** Streams and prompts take turns where one batch for both would be slower. */
  #promptsNext = false;

  constructor(backend: InferenceBackend, maxRunning: number) {
    this.#backend = backend;
    this.#slots = new Slots(backend);
    this.#pace = new Pace(backend.promptBatchTokens);
    this.#threads = new ThreadChoice(backend.threads, () => backend.idleProcessors());
    this.#maxRunning = maxRunning;
  }

  /** Whether there is anything to do, be it only to put away what nobody runs on. */
  get busy(): boolean {
    return this.#running.length > 0 || this.#waiting.length > 0 || this.#slots.untidy;
  }

  get running(): number {
    return this.#running.length;
  }

  get queued(): number {
    return this.#waiting.length;
  }

  get freeCells(): number {
    return this.#slots.freeCells;
  }

  /** Threads that the next batch would be computed with. */
  get threads(): number {
    return this.#threads.threads;
  }

  /** Tells how long a batch of so many tokens took on this machine, before there is work to learn it from. */
  calibrate(tokens: number, ms: number, threads: number): void {
    this.#learnTime(tokens, ms, tokens / 2, threads);
  }

  submit(request: GenerationRequest): void {
    const submittedMs = this.#backend.nowMs();
    this.#waiting.push({
      request,
      submittedMs,
      admittedMs: null,
      cachedTokens: 0,
      generated: [],
      sampler: null,
      donor: null,
    });
  }

  /** Ends a request at once: its sequence is free before the next token. @returns what it used, or null when it is not known. */
  cancel(id: number): Finished | null {
    const waiting = this.#waiting.find((entry) => entry.request.id === id);
    if (waiting) {
      this.#waiting = this.#waiting.filter((entry) => entry !== waiting);
      waiting.sampler?.free();
      return finished(waiting, 'end', null);
    }
    const running = this.#running.find((entry) => entry.request.id === id);
    if (!running) return null;
    this.#retire(running);
    return finished(running, 'end', null);
  }

  /** Computes one batch, or puts something away. */
  step(): StepResult {
    this.#step += 1;
    const result: StepResult = { tokens: [], finished: [] };
    this.#admit(result);
    this.#makeRoomForStreams(result);
    this.#slots.tidy();
    const plan = this.#plan();
    if (plan.length === 0) {
      // Every running sequence waits for room: the youngest gives up its own.
      this.#preemptYoungest(result);
      return result;
    }
    const startedMs = this.#backend.nowMs();
    if (!this.#backend.decode(this.#threads.threads)) {
      for (const planned of plan) this.#slots.returnCells(planned.cells);
      if (!this.#slots.evictAll()) this.#preemptYoungest(result);
      return result;
    }
    this.#learn(plan, this.#backend.nowMs() - startedMs);
    for (const planned of plan) this.#complete(planned, result);
    return result;
  }

  #learn(plan: readonly Planned[], ms: number): void {
    let tokens = 0;
    let pairs = 0;
    for (const planned of plan) {
      tokens += planned.tokens.length;
      pairs += planned.tokens.length * planned.depth;
    }
    this.#learnTime(tokens, ms, pairs / tokens, this.#threads.threads);
  }

  #learnTime(tokens: number, ms: number, depth: number, threads: number): void {
    const quietMs = this.#pace.quietMs(tokens, depth);
    if (threads === this.#backend.threads) this.#pace.observe(tokens, ms, depth);
    else this.#pace.bound(tokens, ms, depth);
    if (threads === this.#threads.threads) this.#threads.observe(ms, quietMs);
  }

  #complete({ running, tokens, cells, output }: Planned, result: StepResult): void {
    this.#slots.append(running.slot, tokens, cells);
    running.slot.lastUsedStep = this.#step;
    running.pending = null;
    if (output === null) return;
    const { request } = running;
    const { token, logprob, top } = running.sampler.sample(output);
    running.generated.push(token);
    running.pending = token;
    const ends = this.#backend.isEnd(token) || request.stopTokens.includes(token);
    if (ends && !request.ignoreEnd) {
      this.#finish(running, 'end', null, result);
      return;
    }
    result.tokens.push({ id: request.id, token, logprob, top });
    if (running.generated.length >= request.sampling.maxTokens) this.#finish(running, 'length', null, result);
  }

  #finish(running: Running, cause: FinishCause, message: string | null, result: StepResult): void {
    result.finished.push(finished(running, cause, message));
    this.#retire(running);
  }

  /** The sequence stays remembered for its prefix. */
  #retire(running: Running): void {
    running.sampler.free();
    this.#running = this.#running.filter((entry) => entry !== running);
    this.#slots.release(running.slot);
  }

  #admit(result: StepResult): void {
    for (const entry of this.#waiting.slice()) {
      if (this.#running.length >= this.#maxRunning) return;
      if (mustWaitForDonor(entry)) continue;
      const target = [...entry.request.prompt, ...entry.generated];
      const prefix = this.#slots.longestPrefix(entry.request.scope, target);
      const { slot: donor, length, promised } = prefix;
      if (donor?.target && promised - length >= worthWaitingTokens) {
        entry.donor = { slot: donor, target: donor.target, length: promised };
        continue;
      }
      // In order: a long prompt is not starved by short ones that would fit. With nothing running, everything may be evicted.
      if (this.#running.length > 0 && !this.#slots.hasRoomFor(target, prefix)) return;
      if (!this.#start(entry, target, prefix, result)) return;
    }
  }

  /** @returns false when every sequence is running. */
  #start(entry: Entry, target: number[], prefix: Prefix, result: StepResult): boolean {
    let sampler: SequenceSampler;
    try {
      sampler = entry.sampler ?? this.#backend.newSampler(entry.request);
    } catch (error) {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
      result.finished.push(finished(entry, 'error', error instanceof Error ? error.message : String(error)));
      return true;
    }
    entry.sampler = sampler;
    const slot = this.#slots.take(prefix, entry.request.scope, target, this.#step);
    if (!slot) return false;
    this.#waiting = this.#waiting.filter((other) => other !== entry);
    if (entry.admittedMs === null) {
      entry.admittedMs = this.#backend.nowMs();
      entry.cachedTokens = slot.tokens.length;
    }
    this.#running.push({ ...entry, sampler, slot, target, pending: null });
    return true;
  }

  #makeRoomForStreams(result: StepResult): void {
    const needed = (): number => this.#running.filter((running) => running.pending !== null).length;
    while (this.#slots.freeCells < needed() && !this.#slots.evictUntilFree(needed()))
      this.#preemptYoungest(result);
  }

  /** Takes the youngest sequence off the machine; it goes on, recomputed, when there is room. The last one left cannot go on at all. */
  #preemptYoungest(result: StepResult): void {
    const youngest = this.#running.at(-1);
    if (!youngest) return;
    if (this.#running.length === 1) {
      this.#finish(youngest, 'error', 'the key-value memory is too small for this request', result);
      return;
    }
    this.#running.pop();
    this.#slots.forget(youngest.slot);
    const { request, submittedMs, admittedMs, cachedTokens, generated, sampler } = youngest;
    this.#waiting.unshift({
      request,
      submittedMs,
      admittedMs,
      cachedTokens,
      generated,
      sampler,
      donor: null,
    });
  }

  /** The next batch: streams, prompts, or both. */
  #plan(): Planned[] {
    const streams = this.#running.filter((running) => running.pending !== null);
    const prompts = this.#running.filter((running) => running.pending === null);
    const [firstPrompt] = prompts;
    if (!firstPrompt) return this.#planStreams(streams);
    const { promptTokens, mixed } = this.#pace.share({
      streams: streams.length,
      streamDepth: sum(streams.map(({ slot }) => slot.tokens.length)) / Math.max(1, streams.length),
      prompts: prompts.length,
      promptLength: firstPrompt.target.length - firstPrompt.cachedTokens,
      promptDepth: firstPrompt.slot.tokens.length,
      room: this.#backend.batchTokens,
      slowdown: this.#threads.slowdown,
    });
    if (mixed) return [...this.#planStreams(streams), ...this.#planPrompts(prompts, promptTokens)];
    this.#promptsNext = streams.length === 0 || !this.#promptsNext;
    const plan = this.#promptsNext ? this.#planPrompts(prompts, promptTokens) : [];
    return plan.length > 0 ? plan : this.#planStreams(streams);
  }

  #planStreams(streams: readonly Running[]): Planned[] {
    return streams
      .slice(0, this.#backend.batchTokens)
      .map((running) => this.#add(running, [running.pending ?? 0], true));
  }

  /** Prompts in the order of admission, as far as the budget of tokens and the memory go. */
  #planPrompts(prompts: readonly Running[], budget: number): Planned[] {
    const plan: Planned[] = [];
    let left = budget;
    for (const running of prompts) {
      const from = running.slot.tokens.length;
      const wanted = Math.min(left, running.target.length - from);
      this.#slots.evictUntilFree(wanted);
      const count = Math.min(wanted, this.#slots.freeCells);
      if (count === 0) break;
      const tokens = Array.from({ length: count }, (_, offset) => running.target[from + offset] ?? 0);
      plan.push(this.#add(running, tokens, from + count === running.target.length));
      left -= count;
    }
    return plan;
  }

  #add(running: Running, tokens: number[], wantsLogits: boolean): Planned {
    const { slot } = running;
    const last = tokens.length - 1;
    let index = 0;
    for (const [offset, token] of tokens.entries()) {
      index = this.#backend.add(
        token,
        slot.tokens.length + offset,
        slot.sequence,
        wantsLogits && offset === last,
      );
    }
    return {
      running,
      tokens,
      cells: this.#slots.takeCells(tokens.length),
      output: wantsLogits ? index : null,
      depth: slot.tokens.length + tokens.length / 2,
    };
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function mustWaitForDonor(entry: Entry): boolean {
  if (!entry.donor) return false;
  const { slot, target, length } = entry.donor;
  // The donor may have ended or been preempted meanwhile: then its sequence runs for another target.
  if (slot.target === target && slot.tokens.length < length) return true;
  entry.donor = null;
  return false;
}

function finished(entry: Entry, cause: FinishCause, message: string | null): Finished {
  return {
    id: entry.request.id,
    cause,
    message,
    cachedTokens: entry.cachedTokens,
    generatedTokens: entry.generated.length,
    queueMs: (entry.admittedMs ?? entry.submittedMs) - entry.submittedMs,
  };
}
