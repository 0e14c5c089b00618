import type { Attributes } from '@opentelemetry/api';
import type { ChatRequest } from '@weai/protocol/chat-request';
import {
  completionTokensAtMost,
  type Deployment,
  type EngineKind,
  type Endpoint,
} from '../engines/deployment.ts';
import type { Outcome } from '../ledger/metering.ts';

/** Registered names where there is one; an engine behind any other URL speaks OpenAI's API, which is all we know of it. */
const providers: Readonly<Record<EngineKind, string>> = {
  embedded: 'weai',
  'llama-server': 'llama.cpp',
  vllm: 'vllm',
  sglang: 'sglang',
  ollama: 'ollama',
  openai: 'openai',
};

/**
 * A call to an engine as the GenAI conventions describe it (open-telemetry/semantic-conventions-genai,
 * docs/gen-ai/gen-ai-spans.md, "Inference"). Numbers and names only: nothing that a user or a model wrote.
 */
export function engineCallAttributes(deployment: Deployment, request: ChatRequest): Attributes {
  const limit = completionTokensAtMost(request, deployment);
  const attributes: Attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': providers[deployment.kind],
    'gen_ai.request.model': deployment.upstreamModel,
    'gen_ai.request.stream': true,
    'weai.deployment': deployment.id,
    ...serverAttributes(deployment.endpoint),
  };
  if (typeof request.n === 'number' && request.n !== 1) attributes['gen_ai.request.choice.count'] = request.n;
  if (limit !== null) attributes['gen_ai.request.max_tokens'] = limit;
  if (typeof request.temperature === 'number') attributes['gen_ai.request.temperature'] = request.temperature;
  if (typeof request.top_p === 'number') attributes['gen_ai.request.top_p'] = request.top_p;
  if (typeof request.seed === 'number') attributes['gen_ai.request.seed'] = request.seed;
  return attributes;
}

/** What an engine's answer adds to that. */
export function outcomeAttributes(modelId: string, outcome: Outcome): Attributes {
  const { counts } = outcome;
  const attributes: Attributes = {
    'gen_ai.response.model': modelId,
    'gen_ai.usage.input_tokens': counts.promptTokens,
    'gen_ai.usage.cache_read.input_tokens': counts.cachedTokens,
    'gen_ai.usage.output_tokens': counts.completionTokens,
    'weai.status': outcome.status,
  };
  if (counts.reasoningTokens > 0) attributes['gen_ai.usage.reasoning.output_tokens'] = counts.reasoningTokens;
  if (outcome.finishReason !== null) attributes['gen_ai.response.finish_reasons'] = [outcome.finishReason];
  if (outcome.queueMs !== null) attributes['weai.queue_ms'] = outcome.queueMs;
  return attributes;
}

function serverAttributes(endpoint: Endpoint): Attributes {
  if ('socketPath' in endpoint) return { 'server.address': endpoint.socketPath };
  const { hostname, port, protocol } = new URL(endpoint.baseUrl);
  const usual = protocol === 'https:' ? 443 : 80;
  return { 'server.address': hostname, 'server.port': port === '' ? usual : Number(port) };
}
