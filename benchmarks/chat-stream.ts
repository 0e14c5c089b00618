import { SseParser, streamDone } from '@weai/protocol/sse';
import { Agent, request } from 'undici';

/** A chat request in the subset that every measured server understands. */
export interface ChatBody {
  model: string;
  messages: { role: 'system' | 'user' | 'assistant'; content: string }[];
  max_tokens: number;
  temperature?: 0;
  ignore_eos?: true;
  logit_bias?: Readonly<Record<string, number>>;
}

/** What a client sees of one streamed answer. Times are of `performance.now()`. */
export interface ChatTiming {
  sentAtMs: number;
  /** Arrival of each delta that carries text, in order. */
  tokenAtMs: number[];
  /** Those of them whose text is not ASCII: a character of several tokens arrives whole, with the last of them. */
  severalTokensAtMs: Set<number>;
  text: string;
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
  /** The caller ended the stream; token counts are then zero. */
  aborted: boolean;
}

export interface Target {
  baseUrl: string;
  headers: Record<string, string>;
}

interface Chunk {
  choices?: { delta?: { content?: string | null } }[];
  usage?: {
    prompt_tokens: number;
    completion_tokens: number;
    prompt_tokens_details?: { cached_tokens?: number };
  } | null;
  error?: unknown;
}

// One socket a request and no pooling limits, so that the client never queues.
const dispatcher = new Agent({ connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });

/**
 * Sends one streamed chat request and times its tokens.
 * @param observe called for every text delta; its controller ends the stream, which is then `aborted`.
 * @throws Error on another status than 200, an error event, or a stream without usage and `[DONE]`.
 */
export async function streamChat(
  target: Target,
  body: ChatBody,
  observe?: (timing: ChatTiming, controller: AbortController) => void,
): Promise<ChatTiming> {
  const timing: ChatTiming = {
    sentAtMs: performance.now(),
    tokenAtMs: [],
    severalTokensAtMs: new Set(),
    text: '',
    promptTokens: 0,
    completionTokens: 0,
    cachedTokens: 0,
    aborted: false,
  };
  const controller = new AbortController();
  try {
    const response = await request(`${target.baseUrl}/chat/completions`, {
      method: 'POST',
      dispatcher,
      signal: controller.signal,
      headers: { ...target.headers, 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    });
    if (response.statusCode !== 200) {
      throw new Error(`${target.baseUrl} answered ${response.statusCode}: ${await response.body.text()}`);
    }
    const parser = new SseParser();
    let done = false;
    for await (const bytes of response.body as AsyncIterable<Uint8Array>) {
      for (const data of parser.push(bytes)) {
        if (data === streamDone) done = true;
        else if (readChunk(timing, data)) observe?.(timing, controller);
      }
    }
    if (!done || timing.completionTokens === 0) {
      throw new Error(`${target.baseUrl} ended a stream without ${done ? 'usage' : streamDone}`);
    }
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    timing.aborted = true;
  }
  return timing;
}

/** @returns true if the chunk carried text. */
function readChunk(timing: ChatTiming, json: string): boolean {
  const chunk: Chunk = JSON.parse(json);
  if (chunk.error !== undefined) throw new Error(`error in the stream: ${JSON.stringify(chunk.error)}`);
  if (chunk.usage) {
    timing.promptTokens = chunk.usage.prompt_tokens;
    timing.completionTokens = chunk.usage.completion_tokens;
    timing.cachedTokens = chunk.usage.prompt_tokens_details?.cached_tokens ?? 0;
  }
  const content = chunk.choices?.[0]?.delta?.content;
  if (typeof content !== 'string' || content === '') return false;
  const atMs = performance.now();
  timing.tokenAtMs.push(atMs);
  if (/\P{ASCII}/u.test(content)) timing.severalTokensAtMs.add(atMs);
  timing.text += content;
  return true;
}
