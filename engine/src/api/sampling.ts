import { randomInt } from 'node:crypto';
import { ApiError } from '@weai/protocol/errors';
import { type ChatRequest, completionTokenLimit } from '@weai/protocol/chat-request';
import { jsonObjectGrammar, jsonSchemaToGrammar } from '../grammar/json-schema.ts';
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

/** What the output is held to: tool calls where tools are offered, else the response format. */
function grammar(
  request: ChatRequest,
  format: ToolFormat,
  vocabulary: Vocabulary,
): SamplingOptions['grammar'] {
  const calls = request.tools && request.tool_choice !== 'none' ? format.grammar(request) : null;
  if (calls) {
    const triggerTokens = calls.triggerTokens
      .map((text) => vocabulary.specialToken(text))
      .filter((token) => token !== null);
    return { gbnf: calls.gbnf, triggerPatterns: calls.triggerPatterns, triggerTokens };
  }
  const gbnf = responseGrammar(request);
  return gbnf === null ? null : { gbnf, triggerPatterns: [], triggerTokens: [] };
}

function responseGrammar({ response_format: format }: ChatRequest): string | null {
  if (!format || format.type === 'text') return null;
  if (format.type === 'json_object' || !format.json_schema.schema) return jsonObjectGrammar;
  return jsonSchemaToGrammar(format.json_schema.schema, { param: 'response_format.json_schema.schema' });
}
