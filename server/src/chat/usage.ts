import type { CompletionUsage } from 'openai/resources/completions';
import type { EngineUsage } from './engine-chunk.ts';

/** An engine's counts in the shape of the OpenAI API; details that it doesn't report are zero. */
export function usageFrom(usage: EngineUsage): CompletionUsage {
  const prompt = count(usage.prompt_tokens);
  const completion = count(usage.completion_tokens);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: Math.min(prompt, count(usage.prompt_tokens_details?.cached_tokens)),
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: Math.min(completion, count(usage.completion_tokens_details?.reasoning_tokens)),
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** A count as a whole number; zero for anything that isn't one. */
export function count(value: number | null | undefined): number {
  return typeof value === 'number' && value > 0 ? Math.trunc(value) : 0;
}
