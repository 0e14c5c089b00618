import { type ChatRequest, completionTokenLimit } from '@weai/protocol/chat-request';
import { ApiError } from '@weai/protocol/errors';
import type { Deployment, EngineKind } from './deployment.ts';

type Field = keyof ChatRequest;

interface KindTraits {
  /** Fields that this kind would ignore or doesn't have: refused when they ask for something. */
  lacks: ReadonlySet<string>;
  /** Fields that this kind calls otherwise. */
  renames: Readonly<Record<string, string>>;
  /**
   * How `tool_choice` is taken: every form; words and a named function; only words; or not at all, where `none` means
   * sending no tools.
   */
  toolChoice: 'forms' | 'named' | 'words' | 'absent';
  /** Whether messages may have the role `developer`; otherwise they are sent as `system`. */
  developerRole: boolean;
  /** How projects' prompt caches are kept apart. */
  cacheScope: 'header' | 'salt' | 'off' | 'none';
  /** Recognizes the refusal of a prompt that doesn't fit. */
  contextOverflow: RegExp | null;
  /** Gauges of `/metrics` with the requests that run and that wait; null where there are none. */
  loadGauges: { running: string; queued: string } | null;
}

const fields = (...names: Field[]): ReadonlySet<string> => new Set(names);
const none = fields();
const extensions: Field[] = ['top_k', 'min_p', 'repetition_penalty', 'ignore_eos'];

/**
 * How engines differ, all of it. Sources: vLLM "OpenAI-Compatible Server", llama.cpp tools/server/README.md,
 * SGLang "OpenAI APIs", Ollama "OpenAI compatibility" (its list of fields leaves out what is refused here).
 */
export const kinds: Record<EngineKind, KindTraits> = {
  embedded: {
    lacks: none,
    renames: {},
    toolChoice: 'forms',
    developerRole: true,
    cacheScope: 'header',
    contextOverflow: null,
    loadGauges: null,
  },
  'llama-server': {
    lacks: none,
    renames: { max_completion_tokens: 'max_tokens', repetition_penalty: 'repeat_penalty' },
    toolChoice: 'words',
    developerRole: false,
    cacheScope: 'off',
    contextOverflow: /exceed_context_size|context size/i,
    loadGauges: { running: 'llamacpp:requests_processing', queued: 'llamacpp:requests_deferred' },
  },
  vllm: {
    lacks: none,
    renames: {},
    toolChoice: 'named',
    developerRole: false,
    cacheScope: 'salt',
    contextOverflow: /maximum (context|model) length|longer than the maximum/i,
    loadGauges: { running: 'vllm:num_requests_running', queued: 'vllm:num_requests_waiting' },
  },
  sglang: {
    lacks: none,
    renames: {},
    toolChoice: 'named',
    developerRole: false,
    cacheScope: 'salt',
    contextOverflow: /context length|longer than the model/i,
    loadGauges: { running: 'sglang:num_running_reqs', queued: 'sglang:num_queue_reqs' },
  },
  ollama: {
    lacks: fields('n', 'logit_bias', 'parallel_tool_calls', ...extensions),
    renames: { max_completion_tokens: 'max_tokens' },
    toolChoice: 'absent',
    developerRole: false,
    cacheScope: 'none',
    contextOverflow: /context length|context window/i,
    loadGauges: null,
  },
  openai: {
    lacks: fields(...extensions),
    renames: {},
    toolChoice: 'forms',
    developerRole: true,
    cacheScope: 'none',
    contextOverflow: /maximum context length/i,
    loadGauges: null,
  },
};

/** What each field may hold without asking for anything, where that is not only null. */
const neutral: Readonly<Record<string, unknown>> = {
  n: 1,
  parallel_tool_calls: true,
  repetition_penalty: 1,
  min_p: 0,
  ignore_eos: false,
};

/** Why this deployment can't honour the request; null when it can. */
export function unsupportedBy(deployment: Deployment, request: ChatRequest): ApiError | null {
  const traits = kinds[deployment.kind];
  for (const [field, value] of traits.lacks.size === 0 ? [] : Object.entries(request)) {
    if (!traits.lacks.has(field) || value === null || value === undefined) continue;
    if (value === neutral[field] || (field === 'top_k' && Number(value) <= 0)) continue;
    return new ApiError(
      'unsupported_parameter',
      `Unsupported parameter: '${field}' is not supported by the engine that serves '${deployment.modelId}'.`,
      { param: field },
    );
  }
  const choice = request.tool_choice ?? 'auto';
  if (traits.toolChoice === 'absent' && choice !== 'auto' && choice !== 'none') {
    return new ApiError(
      'unsupported_value',
      `Unsupported value: 'tool_choice' can only be 'auto' or 'none' with the engine that serves '${deployment.modelId}'.`,
      { param: 'tool_choice' },
    );
  }
  return null;
}

/** Fields that are for WeAI itself or that ask for nothing: no engine gets them. */
const ours = fields(
  'stream_options',
  'metadata',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'store',
  'service_tier',
  'reasoning_effort',
  'verbosity',
  'modalities',
  'function_call',
  'functions',
  'audio',
  'prediction',
  'web_search_options',
  'moderation',
  'prompt_cache_options',
);

/**
 * The JSON body for this deployment's engine: always streamed, with usage.
 * @param cacheScope keeps what one project's prompts leave in a cache from others.
 */
export function engineRequestBody(deployment: Deployment, request: ChatRequest, cacheScope: string): string {
  const traits = kinds[deployment.kind];
  const body: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(request)) {
    if (value !== null && value !== undefined && !ours.has(field) && !traits.lacks.has(field)) {
      body[traits.renames[field] ?? field] = value;
    }
  }
  const { usualCompletionTokens } = deployment.capabilities;
  if (usualCompletionTokens !== undefined && completionTokenLimit(request) === null)
    body[traits.renames['max_completion_tokens'] ?? 'max_completion_tokens'] = usualCompletionTokens;
  body['model'] = deployment.upstreamModel;
  body['stream'] = true;
  body['stream_options'] = { include_usage: true };
  if (!traits.developerRole) body['messages'] = withoutDeveloper(request.messages);
  if (request.tools) Object.assign(body, toolFields(traits.toolChoice, request));
  if (traits.cacheScope === 'salt') body['cache_salt'] = cacheScope;
  if (traits.cacheScope === 'off') body['cache_prompt'] = false;
  return JSON.stringify(body);
}

function withoutDeveloper(messages: ChatRequest['messages']): object[] {
  return messages.map((message) => (message.role === 'developer' ? { ...message, role: 'system' } : message));
}

/** Where an engine lacks a form, choosing among tools is the same as offering only those. */
function toolFields(form: KindTraits['toolChoice'], request: ChatRequest): object {
  const { tools, tool_choice: choice } = request;
  if (form === 'absent') return { tools: choice === 'none' ? undefined : tools, tool_choice: undefined };
  if (form === 'forms' || !choice || typeof choice === 'string') return {};
  const named = choice.type === 'function';
  if (named && form === 'named') return {};
  const names = named ? [choice.function.name] : choice.allowed_tools.tools.map((tool) => tool.function.name);
  return {
    tools: tools?.filter((tool) => names.includes(tool.function.name)),
    tool_choice: named ? 'required' : choice.allowed_tools.mode,
  };
}
