import { randomInt } from 'node:crypto';
import { ApiError } from '@weai/protocol/errors';
import { type ChatRequest, completionTokenLimit } from '@weai/protocol/chat-request';
import type { Vocabulary } from '../llama/vocabulary.ts';
import type { SamplingOptions } from '../scheduler/request.ts';
import type { ToolFormat } from '../tools/format.ts';

/** llama.cpp takes 0xFFFFFFFF to mean a random seed. */
const seeds = 0xffff_ffff;

/**
 * Sampling options of a request; choices beyond the first add their index to the seed.
 * @throws ApiError for a token or a schema that these weights cannot use.
 */
export function samplingOptions(
  request: ChatRequest,
  format: ToolFormat,
  vocabulary: Vocabulary,
  roomTokens: number,
): SamplingOptions {
  return {
    temperature: request.temperature ?? 1,
    topP: request.top_p ?? 1,
    topK: Math.max(0, request.top_k ?? 0),
    minP: request.min_p ?? 0,
    frequencyPenalty: request.frequency_penalty ?? 0,
    presencePenalty: request.presence_penalty ?? 0,
    repetitionPenalty: request.repetition_penalty ?? 1,
    logitBias: logitBias(request, vocabulary),
    seed: request.seed == null ? randomInt(seeds) : ((request.seed % seeds) + seeds) % seeds,
    maxTokens: Math.min(completionTokenLimit(request) ?? roomTokens, roomTokens),
    grammar: grammar(request, format, vocabulary),
  };
}

function logitBias(request: ChatRequest, vocabulary: Vocabulary): SamplingOptions['logitBias'] {
  return Object.entries(request.logit_bias ?? {}).map(([key, bias]) => {
    const token = Number(key);
    if (token < vocabulary.size) return { token, bias };
    throw new ApiError(
      'invalid_value',
      `'logit_bias' names token ${key}, but this model has ${vocabulary.size} tokens.`,
      {
        param: `logit_bias.${key}`,
      },
    );
  });
}

/** What the output is held to: tool calls, the response format, or both. */
function grammar(
  request: ChatRequest,
  format: ToolFormat,
  vocabulary: Vocabulary,
): SamplingOptions['grammar'] {
  const rules = format.grammar(request);
  if (!rules) return null;
  const triggerTokens = rules.triggerTokens
    .map((text) => vocabulary.specialToken(text))
    .filter((token) => token !== null);
  return { gbnf: rules.gbnf, triggerPatterns: rules.triggerPatterns, triggerTokens };
}
