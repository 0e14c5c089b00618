import type { ChatChunk } from '../api/chat-stream.ts';
import type { components } from '../api/openapi.ts';

export type Usage = NonNullable<ChatChunk['usage']>;
export type TokenLogprob = NonNullable<
  NonNullable<ChatChunk['choices'][number]['logprobs']>['content']
>[number];
export type ToolCall = NonNullable<components['schemas']['PlaygroundMessage']['tool_calls']>[number];

/** What a model has answered so far, and how fast. Times are `performance.now()`, in milliseconds. */
export interface Answer {
  /** `queued` is not asked yet: too many others stream. */
  state: 'queued' | 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed';
  text: string;
  toolCalls: ToolCall[];
  /** One for each token, where asked for. */
  logprobs: TokenLogprob[];
  /** What really answers; null until it is known. */
  model: string | null;
  standIn: boolean;
  requestId: string | null;
  finishReason: string | null;
  usage: Usage | null;
  error: { message: string; code: string | null } | null;
  startedAtMs: number;
  firstTokenAtMs: number | null;
  lastTokenAtMs: number | null;
  endedAtMs: number | null;
  /** Chunks with something in them: tokens, until the usage tells exactly. */
  chunks: number;
}

export function newAnswer(startedAtMs: number): Answer {
  return {
    state: 'waiting',
    text: '',
    toolCalls: [],
    logprobs: [],
    model: null,
    standIn: false,
    requestId: null,
    finishReason: null,
    usage: null,
    error: null,
    startedAtMs,
    firstTokenAtMs: null,
    lastTokenAtMs: null,
    endedAtMs: null,
    chunks: 0,
  };
}

/** Whether nothing more comes. */
export function isOver({ state }: Answer): boolean {
  return state === 'done' || state === 'stopped' || state === 'failed';
}

/** How the answer ended, as it is kept. One that isn't over is marked as cut: that is how it is found after a reload. */
export function keptFinishReason(answer: Answer): string | null {
  return isOver(answer) ? answer.finishReason : 'cut';
}

/** An answer with one more chunk. */
export function withChunk(answer: Answer, chunk: ChatChunk, nowMs: number): Answer {
  const next: Answer = { ...answer, model: chunk.model, usage: chunk.usage ?? answer.usage };
  const choice = chunk.choices.find(({ index }) => index === 0);
  if (!choice) return next;
  const { delta, finish_reason: finishReason, logprobs } = choice;
  const said = (delta.content ?? '') + (delta.refusal ?? '');
  if (said !== '' || delta.tool_calls) {
    next.state = 'streaming';
    next.firstTokenAtMs ??= nowMs;
    next.lastTokenAtMs = nowMs;
    next.chunks += 1;
    next.text += said;
  }
  if (delta.tool_calls) next.toolCalls = withCallParts(answer.toolCalls, delta.tool_calls);
  if (logprobs?.content) next.logprobs = [...answer.logprobs, ...logprobs.content];
  if (finishReason) next.finishReason = finishReason;
  return next;
}

function withCallParts(
  calls: readonly ToolCall[],
  parts: NonNullable<ChatChunk['choices'][number]['delta']['tool_calls']>,
): ToolCall[] {
  const next = [...calls];
  for (const { index, id, function: part } of parts) {
    const known = next[index] ?? { id: '', type: 'function', function: { name: '', arguments: '' } };
    next[index] = {
      id: id ?? known.id,
      type: 'function',
      function: {
        name: part?.name ?? known.function.name,
        arguments: known.function.arguments + (part?.arguments ?? ''),
      },
    };
  }
  return next;
}

/** How an answer came about; null where it is not known (yet). */
export interface Figures {
  timeToFirstTokenMs: number | null;
  /** Tokens after the first one, by the time from it to the last. */
  tokensPerSecond: number | null;
  durationMs: number | null;
  promptTokens: number | null;
  completionTokens: number | null;
}

/** The figures of an answer, also while it streams (then by its chunks). */
export function figuresOf(answer: Answer): Figures {
  const { firstTokenAtMs, lastTokenAtMs, startedAtMs, endedAtMs, usage, chunks } = answer;
  const tokens = usage?.completion_tokens ?? chunks;
  const seconds =
    firstTokenAtMs === null || lastTokenAtMs === null ? 0 : (lastTokenAtMs - firstTokenAtMs) / 1000;
  return {
    timeToFirstTokenMs: firstTokenAtMs === null ? null : firstTokenAtMs - startedAtMs,
    tokensPerSecond: tokens > 1 && seconds > 0 ? (tokens - 1) / seconds : null,
    durationMs: endedAtMs === null ? null : endedAtMs - startedAtMs,
    promptTokens: usage?.prompt_tokens ?? null,
    completionTokens: firstTokenAtMs === null && usage === null ? null : tokens,
  };
}
