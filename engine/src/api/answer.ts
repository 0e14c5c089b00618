import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { CompletionUsage } from 'openai/resources/completions';
import { ApiError } from '@weai/protocol/errors';
import type { Finished, GeneratedToken } from '../scheduler/request.ts';
import type { ChoiceOutput, ChoicePiece } from './choice.ts';
import type { TokenTotals } from './token-totals.ts';

interface AnswerIdentity {
  id: string;
  created: number;
  model: string;
  systemFingerprint: string;
}

/** Milliseconds that the engine spent, as an extension of the usage chunk: the server's ledger takes them from there. */
export interface Timings {
  queue_ms: number;
  prompt_ms: number;
  generation_ms: number;
}

/** Where an answer's chunks go. After `onEnd` or `onError` nothing follows. */
export interface AnswerListener {
  onChunk(chunk: ChatCompletionChunk): void;
  onEnd(): void;
  onError(error: ApiError): void;
}

/**
 * One answer with its choices: makes OpenAI's chunks in OpenAI's order (role, deltas, finish with an empty delta, then usage with
 * empty `choices`) out of tokens. A JSON answer is these chunks, collected.
 */
export class Answer {
  readonly #identity: AnswerIdentity;
  readonly #listener: AnswerListener;
  readonly #choices: ChoiceOutput[];
  readonly #promptTokens: number;
  readonly #totals: TokenTotals;
  readonly #startedMs = performance.now();
  #firstTokenMs: number | null = null;
  #cachedTokens = 0;
  #queueMs = 0;
  #open: number;
  #over = false;

  constructor(
    identity: AnswerIdentity,
    choices: ChoiceOutput[],
    promptTokens: number,
    listener: AnswerListener,
    totals: TokenTotals,
  ) {
    this.#identity = identity;
    this.#choices = choices;
    this.#promptTokens = promptTokens;
    this.#listener = listener;
    this.#totals = totals;
    this.#open = choices.length;
  }

  /** Opens every choice with its role; the first chunk tells what is known already, for whoever meters a stopped answer. */
  begin(): void {
    const delta = { role: 'assistant' as const, content: '', refusal: null };
    for (const index of this.#choices.keys()) {
      const chunk = this.#chunk([{ index, delta, logprobs: null, finish_reason: null }]);
      const known = index === 0 ? { weai: { prompt_tokens: this.#promptTokens } } : {};
      this.#listener.onChunk(Object.assign(chunk, known));
    }
  }

  /** @returns whether the choice is over, so that no more tokens need be made for it. */
  token(index: number, generated: GeneratedToken): boolean {
    const choice = this.#choices[index];
    if (this.#over || !choice) return true;
    this.#firstTokenMs ??= performance.now();
    for (const piece of choice.push(generated)) this.#emit(index, piece, null);
    return choice.stopped;
  }

  finish(index: number, finished: Finished): void {
    const choice = this.#choices[index];
    if (this.#over || !choice) return;
    if (finished.cause === 'error') {
      this.fail(
        new ApiError('engine_error', 'The engine could not finish this answer.', { cause: finished.message }),
      );
      return;
    }
    const { pieces, finishReason } = choice.end(finished.cause);
    for (const piece of pieces) this.#emit(index, piece, null);
    this.#emit(index, { delta: {}, logprobs: null }, finishReason);
    // The end token is generated like any other, though it has no text.
    if (finished.cause === 'end' && !choice.stopped) choice.generatedTokens = finished.generatedTokens;
    if (index === 0) {
      this.#cachedTokens = finished.cachedTokens;
      this.#queueMs = finished.queueMs;
    }
    this.#open -= 1;
    if (this.#open === 0) this.#complete();
  }

  fail(error: ApiError): void {
    if (this.#over) return;
    this.#over = true;
    this.#count();
    this.#listener.onError(error);
  }

  /** The reader has gone: what was generated counts still. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#count();
  }

  #count(): void {
    this.#totals.promptTokens += this.#promptTokens;
    this.#totals.cachedTokens += this.#cachedTokens;
    for (const choice of this.#choices) this.#totals.completionTokens += choice.generatedTokens;
  }

  #complete(): void {
    this.#over = true;
    this.#count();
    const endedMs = performance.now();
    const firstMs = this.#firstTokenMs ?? endedMs;
    const timings: Timings = {
      queue_ms: Math.round(this.#queueMs),
      prompt_ms: Math.round(firstMs - this.#startedMs - this.#queueMs),
      generation_ms: Math.round(endedMs - firstMs),
    };
    this.#listener.onChunk(Object.assign(this.#chunk([]), { usage: this.#usage(), timings }));
    this.#listener.onEnd();
  }

  #usage(): CompletionUsage {
    const completionTokens = this.#choices.reduce((sum, choice) => sum + choice.generatedTokens, 0);
    return {
      prompt_tokens: this.#promptTokens,
      completion_tokens: completionTokens,
      total_tokens: this.#promptTokens + completionTokens,
      prompt_tokens_details: { cached_tokens: this.#cachedTokens, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 0,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    };
  }

  #emit(
    index: number,
    piece: ChoicePiece,
    finishReason: ChatCompletion.Choice['finish_reason'] | null,
  ): void {
    this.#listener.onChunk(
      this.#chunk([{ index, delta: piece.delta, logprobs: piece.logprobs, finish_reason: finishReason }]),
    );
  }

  #chunk(choices: ChatCompletionChunk.Choice[]): ChatCompletionChunk {
    const { id, created, model, systemFingerprint } = this.#identity;
    return {
      id,
      object: 'chat.completion.chunk',
      created,
      model,
      service_tier: 'default',
      system_fingerprint: systemFingerprint,
      choices,
    };
  }
}
