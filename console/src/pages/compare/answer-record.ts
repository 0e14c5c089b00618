import { figuresOf, keptFinishReason, type Answer } from '../../answers/answer.ts';
import type { ChatRequest } from '../../api/chat-stream.ts';
import { costUsd, type Model } from '../../api/models.ts';
import type { KeptAnswer, Measured, Prompt, Settings } from './comparison.ts';

/** The request that asks a contestant a prompt. */
export function requestOf(settings: Settings, prompt: Prompt): ChatRequest {
  const { system, model = '', ...rest } = settings;
  const fields = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== null && value !== undefined),
  );
  const instructions = (system ?? '').trim();
  return {
    ...fields,
    model,
    messages: [
      ...(instructions === '' ? [] : [{ role: 'system' as const, content: instructions }]),
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the API kept them as messages of a request
      ...(prompt.messages as ChatRequest['messages']),
    ],
  };
}

/** An answer as it is kept, also while it comes, priced as its model is now. */
export function recordOf(
  answer: Answer,
  place: { promptId: string; contestantId: string; measured: Measured },
  price: Model['price'],
): KeptAnswer {
  const { timeToFirstTokenMs, tokensPerSecond, durationMs } = figuresOf(answer);
  const cost = answer.usage === null ? null : costUsd(price, answer.usage);
  return {
    prompt_id: place.promptId,
    contestant_id: place.contestantId,
    measured: place.measured,
    content: answer.text,
    ...(answer.toolCalls.length > 0 ? { tool_calls: answer.toolCalls } : {}),
    model: answer.model,
    metrics: {
      time_to_first_token_ms: timeToFirstTokenMs,
      tokens_per_second: tokensPerSecond,
      duration_ms: durationMs,
      usage: answer.usage,
      cost_usd: cost === null ? null : cost.toFixed(12),
      finish_reason: keptFinishReason(answer),
    },
    error:
      answer.error === null
        ? null
        : { message: answer.error.message.slice(0, 2000), code: answer.error.code?.slice(0, 64) ?? null },
    created_at: Math.floor(Date.now() / 1000),
  };
}
