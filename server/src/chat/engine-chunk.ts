import { ApiError } from '@weai/protocol/errors';

/** A chunk as engines send it: like OpenAI's `chat.completion.chunk`, with anything that may be missing missing. */
export interface EngineChunk {
  choices?: EngineChoice[] | null;
  usage?: EngineUsage | null;
  system_fingerprint?: string | null;
  /** Of the embedded engine, in the chunk with the counts. */
  timings?: { queue_ms?: number; prompt_ms?: number; generation_ms?: number } | null;
  /** Of the embedded engine, in its first chunk: what is known before anything is generated. */
  weai?: { prompt_tokens?: number } | null;
  error?: unknown;
}

export interface EngineChoice {
  index?: number;
  delta?: {
    content?: string | null;
    refusal?: string | null;
    tool_calls?: EngineToolCall[] | null;
  } | null;
  logprobs?: { content?: TokenLogprob[] | null; refusal?: TokenLogprob[] | null } | null;
  finish_reason?: string | null;
  /** Some engines put it here in the last chunk of a choice. */
  usage?: EngineUsage | null;
}

export interface EngineToolCall {
  index?: number;
  id?: string | null;
  function?: { name?: string | null; arguments?: string | object | null } | null;
}

interface TokenLogprob {
  token: string;
  logprob: number;
  bytes: number[] | null;
  top_logprobs: { token: string; logprob: number; bytes: number[] | null }[];
}

export interface EngineUsage {
  prompt_tokens?: number;
  completion_tokens?: number;
  total_tokens?: number;
  prompt_tokens_details?: { cached_tokens?: number | null } | null;
  completion_tokens_details?: { reasoning_tokens?: number | null } | null;
}

/**
 * Reads an event of an engine.
 * @throws ApiError engine_error when it isn't a JSON object.
 */
export function parseEngineChunk(event: string): EngineChunk {
  try {
    const chunk: unknown = JSON.parse(event);
    if (isChunk(chunk)) return chunk;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw brokenStream(`an event is not a chunk: ${event.slice(0, 200)}`);
}

function isChunk(value: unknown): value is EngineChunk {
  if (typeof value !== 'object' || value === null) return false;
  return !('choices' in value) || value.choices === null || Array.isArray(value.choices);
}

/** An engine broke the protocol; `why` is for the log. */
export function brokenStream(why: string): ApiError {
  return new ApiError('engine_error', 'The engine that serves this model failed. Try again.', {
    cause: new Error(why),
  });
}
