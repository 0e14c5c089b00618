import { ApiError } from './errors.ts';
import type { ChatMessage } from './chat-messages.ts';
import type { ChatRequest } from './chat-request.ts';
import { checkJsonSchema } from './json-schema-limits.ts';

/** Bound on `n` times the tokens of a choice. */
const maxTotalCompletionTokens = 1_048_576;

/**
 * Checks what one field demands of another, in the order in which the OpenAI API documents the fields.
 * @throws ApiError naming the field.
 */
export function checkRelations(request: ChatRequest): void {
  checkTokenLimits(request);
  if (isSet(request.top_logprobs) && request.logprobs !== true) {
    throw refusal('top_logprobs', "'top_logprobs' needs 'logprobs' to be true.");
  }
  if (isSet(request.stream_options) && request.stream !== true) {
    throw refusal('stream_options', "'stream_options' is only allowed when 'stream' is true.");
  }
  checkTools(request);
  const { response_format } = request;
  if (response_format?.type === 'json_schema' && isSet(response_format.json_schema.schema)) {
    checkJsonSchema(response_format.json_schema.schema, 'response_format.json_schema.schema');
  }
  checkMessages(request.messages);
}

function checkTokenLimits(request: ChatRequest): void {
  const { max_completion_tokens, max_tokens, n } = request;
  if (isSet(max_completion_tokens) && isSet(max_tokens) && max_completion_tokens !== max_tokens) {
    throw refusal('max_tokens', "'max_tokens' and 'max_completion_tokens' differ: send only one of them.");
  }
  const limit = max_completion_tokens ?? max_tokens ?? 1;
  if (limit * (n ?? 1) > maxTotalCompletionTokens) {
    const param = isSet(max_completion_tokens) ? 'max_completion_tokens' : 'max_tokens';
    throw refusal(param, `'n' times '${param}' may be at most ${maxTotalCompletionTokens}.`);
  }
}

function checkTools(request: ChatRequest): void {
  const { tools, tool_choice, parallel_tool_calls } = request;
  if (!isSet(tools)) {
    if (isSet(tool_choice)) {
      throw refusal('tool_choice', "'tool_choice' is only allowed when 'tools' are given.");
    }
    if (isSet(parallel_tool_calls)) {
      throw refusal('parallel_tool_calls', "'parallel_tool_calls' is only allowed when 'tools' are given.");
    }
    return;
  }
  const names = new Set<string>();
  for (const [index, { function: definition }] of tools.entries()) {
    const path = `tools.${index}.function`;
    if (names.has(definition.name)) {
      throw refusal(`${path}.name`, `Two tools are named '${definition.name}': names must differ.`);
    }
    names.add(definition.name);
    if (isSet(definition.parameters)) checkJsonSchema(definition.parameters, `${path}.parameters`);
  }
  if (!isSet(tool_choice) || typeof tool_choice === 'string') return;
  const chosen =
    tool_choice.type === 'function'
      ? [{ name: tool_choice.function.name, path: 'tool_choice.function.name' }]
      : tool_choice.allowed_tools.tools.map((tool, index) => ({
          name: tool.function.name,
          path: `tool_choice.allowed_tools.tools.${index}.function.name`,
        }));
  for (const { name, path } of chosen) {
    if (!names.has(name)) throw refusal(path, `'${name}' is not among 'tools'.`);
  }
}

function checkMessages(messages: ChatMessage[]): void {
  let calls: Map<string, string> | null = null;
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      const called = calls?.get(message.tool_call_id);
      if (called === undefined) {
        throw refusal(
          `messages.${index}.tool_call_id`,
          `Message ${index} answers '${message.tool_call_id}', but the assistant message before it made no such tool call.`,
        );
      }
      if (isSet(message.name) && message.name !== called) {
        throw refusal(
          `messages.${index}.name`,
          `Message ${index} answers a call of '${called}', not '${message.name}'.`,
        );
      }
      continue;
    }
    calls = null;
    if (message.role !== 'assistant') continue;
    if (isSet(message.tool_calls)) {
      calls = new Map(message.tool_calls.map((call) => [call.id, call.function.name]));
      if (calls.size < message.tool_calls.length) {
        throw refusal(`messages.${index}.tool_calls`, 'Two tool calls have the same id.');
      }
    } else if (!isSet(message.content) && !isSet(message.refusal)) {
      throw new ApiError(
        'missing_required_parameter',
        `Missing required parameter: 'messages.${index}.content' (an assistant message without it needs 'tool_calls').`,
        { param: `messages.${index}.content` },
      );
    }
  }
}

function isSet<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

function refusal(param: string, message: string): ApiError {
  return new ApiError('invalid_value', message, { param });
}
