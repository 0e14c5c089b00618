import { randomUUID } from 'node:crypto';
import { ApiError } from '@weai/protocol/errors';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { CompletionUsage } from 'openai/resources/completions';
import { brokenStream, type EngineChoice, type EngineChunk, type EngineToolCall } from './engine-chunk.ts';
import type { TokenCounts } from '../ledger/prices.ts';
import { count, usageFrom } from './usage.ts';

export type Choice = ChatCompletionChunk.Choice;

/** What the request and its deployment say about the end of an answer. */
export interface Expectation {
  /** `n` of the request. */
  choices: number;
  logprobs: boolean;
  completionTokenLimit: number | null;
  contextTokens: number | null;
}

interface ChoiceState {
  started: boolean;
  finished: boolean;
  /** The finish, as long as it waits for the usage to tell whether the answer was cut. */
  held: 'stop' | 'tool_calls' | null;
  /** Arguments of each tool call so far, by index. */
  toolArguments: string[];
  toolIds: string[];
}

const finishReasons: Readonly<Record<string, Choice['finish_reason']>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
};

/**
 * Turns the chunks of any engine into the exact order of the OpenAI API: for each choice a chunk with the role, its deltas,
 * and a finish with an empty delta, one thing per chunk. Quirks that are evened out: no role chunk, text inside the finish
 * chunk, usage beside choices, tool calls without index or id, `stop` after tool calls, `tool_calls` after a call that was cut.
 */
export class Normalizer {
  #expected: Expectation;
  #states: ChoiceState[];
  #usage: CompletionUsage | null = null;
  #finished = 0;
  #seen: TokenCounts = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 };
  #queueMs: number | null = null;
  #finishReason: string | null = null;

  constructor(expected: Expectation) {
    this.#expected = expected;
    this.#states = Array.from({ length: expected.choices }, () => ({
      started: false,
      finished: false,
      held: null,
      toolArguments: [],
      toolIds: [],
    }));
  }

  /** The engine's counts; null until it has sent them. */
  get usage(): CompletionUsage | null {
    return this.#usage;
  }

  /**
   * What has been used up to now: the engine's counts once it has sent them, else a token for each piece that it sent.
   * Engines that send several tokens in a piece are undercounted when they are stopped.
   */
  get counts(): TokenCounts {
    return this.#usage === null ? this.#seen : countsOf(this.#usage);
  }

  /** How long the request waited inside the engine; null when it didn't say. */
  get queueMs(): number | null {
    return this.#queueMs;
  }

  /** Why the first choice ended; null while it goes on. */
  get finishReason(): string | null {
    return this.#finishReason;
  }

  /**
   * Appends what an engine's chunk means to `out`.
   * @throws ApiError engine_error when the chunk contradicts the protocol.
   */
  push(chunk: EngineChunk, out: Choice[]): void {
    if (chunk.usage) this.#usage = usageFrom(chunk.usage);
    if (chunk.weai) this.#seen.promptTokens = count(chunk.weai.prompt_tokens);
    if (chunk.timings) this.#queueMs = count(chunk.timings.queue_ms);
    for (const choice of chunk.choices ?? []) {
      if (choice.usage) this.#usage = usageFrom(choice.usage);
      this.#choice(choice, out);
    }
  }

  /**
   * Finishes that waited for the usage.
   * @throws ApiError engine_crashed when a choice never finished: an answer that was cut is not passed off as whole.
   */
  end(): Choice[] {
    const last: Choice[] = [];
    for (const [index, state] of this.#states.entries()) {
      if (state.held === null) continue;
      const reason = this.#wasCut() ? 'length' : state.held;
      state.held = null;
      this.#finished += 1;
      last.push(this.#ended(index, reason));
    }
    if (this.#finished < this.#expected.choices) {
      throw new ApiError(
        'engine_crashed',
        'The engine that serves this model stopped in the middle. Try again.',
        {
          cause: new Error(`${this.#finished} of ${this.#expected.choices} choices were finished`),
        },
      );
    }
    return last;
  }

  #choice(choice: EngineChoice, out: Choice[]): void {
    const index = choice.index ?? 0;
    const state = this.#states[index];
    if (state === undefined) throw brokenStream(`choice ${index} was not asked for`);
    const { delta } = choice;
    const content = delta?.content ?? '';
    const refusal = delta?.refusal ?? '';
    const calls = delta?.tool_calls ?? [];
    const logprobs = this.#expected.logprobs ? logprobsOf(choice) : null;
    if (state.finished) {
      if (content !== '' || calls.length > 0) throw brokenStream(`choice ${index} went on after its end`);
      return;
    }
    if (!state.started) {
      state.started = true;
      out.push({ index, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null });
    }
    if (refusal !== '' || content !== '' || logprobs !== null || calls.length > 0)
      this.#seen.completionTokens += logprobs?.content?.length ?? 1;
    if (refusal !== '') out.push({ index, delta: { refusal }, logprobs: null, finish_reason: null });
    // A token that is half a character has a log probability and no text yet.
    if (content !== '' || logprobs !== null)
      out.push({ index, delta: { content }, logprobs, finish_reason: null });
    if (calls.length > 0) {
      const tool_calls = calls.map((call) => toolCallDelta(call, state));
      out.push({ index, delta: { tool_calls }, logprobs: null, finish_reason: null });
    }
    if (choice.finish_reason) this.#finish(index, state, choice.finish_reason, out);
  }

  #finish(index: number, state: ChoiceState, reason: string, out: Choice[]): void {
    const finishReason = finishReasons[reason];
    if (finishReason === undefined) throw brokenStream(`choice ${index} finished with '${reason}'`);
    state.finished = true;
    const afterCall = finishReason === 'stop' && state.toolArguments.length > 0;
    if ((finishReason === 'tool_calls' || afterCall) && !isJson(state.toolArguments.at(-1) ?? '{}')) {
      state.held = finishReason;
      return;
    }
    this.#finished += 1;
    out.push(this.#ended(index, afterCall ? 'tool_calls' : finishReason));
  }

  #ended(index: number, reason: Choice['finish_reason']): Choice {
    if (index === 0) this.#finishReason = reason;
    return { index, delta: {}, logprobs: null, finish_reason: reason };
  }

  #wasCut(): boolean {
    const { completionTokenLimit, contextTokens } = this.#expected;
    if (this.#usage === null) return true;
    const atLimit = completionTokenLimit !== null && this.#usage.completion_tokens >= completionTokenLimit;
    return atLimit || (contextTokens !== null && this.#usage.total_tokens >= contextTokens);
  }
}

function logprobsOf({ logprobs }: EngineChoice): ChatCompletionChunk.Choice.Logprobs | null {
  if (!logprobs?.content?.length) return null;
  return { content: logprobs.content, refusal: null };
}

function toolCallDelta(call: EngineToolCall, state: ChoiceState): ChatCompletionChunk.Choice.Delta.ToolCall {
  const index = call.index ?? indexOfCall(call, state);
  const given = call.function?.arguments ?? '';
  const argumentsDelta = typeof given === 'string' ? given : JSON.stringify(given);
  const isNew = state.toolArguments[index] === undefined;
  if (isNew && index !== state.toolArguments.length)
    throw brokenStream(`tool call ${index} came out of order`);
  state.toolArguments[index] = (state.toolArguments[index] ?? '') + argumentsDelta;
  if (!isNew) return { index, function: { arguments: argumentsDelta } };
  const name = call.function?.name;
  if (!name) throw brokenStream(`tool call ${index} has no name`);
  const id = call.id || `call_${randomUUID().replaceAll('-', '')}`;
  state.toolIds[index] = id;
  return { index, id, type: 'function', function: { name, arguments: argumentsDelta } };
}

/** Engines that send no index send whole calls, or repeat the call's id. */
function indexOfCall(call: EngineToolCall, state: ChoiceState): number {
  const known = call.id ? state.toolIds.indexOf(call.id) : -1;
  if (known !== -1) return known;
  return call.function?.name ? state.toolArguments.length : Math.max(0, state.toolArguments.length - 1);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text === '' ? '{}' : text);
    return true;
  } catch {
    return false;
  }
}

function countsOf(usage: CompletionUsage): TokenCounts {
  return {
    promptTokens: usage.prompt_tokens,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    completionTokens: usage.completion_tokens,
    reasoningTokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}
