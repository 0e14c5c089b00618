import { type ChatRequest, completionTokenLimit } from '@weai/protocol/chat-request';

/**
 * What kind of engine answers. `embedded` is the `engine/` workspace; `openai` is any URL that speaks the OpenAI API
 * and nothing beyond it.
 */
export type EngineKind = 'embedded' | 'llama-server' | 'vllm' | 'sglang' | 'ollama' | 'openai';

/** What a deployment can do beyond plain text. */
export interface Capabilities {
  imageInput: boolean;
  tools: boolean;
  structuredOutput: boolean;
  logprobs: boolean;
  /** Prompt and completion together; null when the engine didn't say. */
  contextTokens: number | null;
  /** How long an answer may be where the request sets no limit; left out: as long as the context has room. */
  usualCompletionTokens?: number;
}

/** Where an engine listens. On a socket the base path is `/v1`; a `baseUrl` ends in `/v1` without a slash. */
export type Endpoint = { socketPath: string } | { baseUrl: string };

/** A model served by an engine. */
export interface Deployment {
  /** As in `embedded/smollm2-135m` or `remote/llama3.1-8B/1`. */
  id: string;
  /** Public name of what really answers. */
  modelId: string;
  /** The name the engine is asked for. */
  upstreamModel: string;
  kind: EngineKind;
  endpoint: Endpoint;
  /** Sent as a bearer token. */
  apiKey: string | null;
  capabilities: Capabilities;
}

/** The bound on generated tokens for each choice: the request's, else the deployment's; null when both set none. */
export function completionTokensAtMost(
  request: ChatRequest,
  { capabilities }: Pick<Deployment, 'capabilities'>,
): number | null {
  return completionTokenLimit(request) ?? capabilities.usualCompletionTokens ?? null;
}
