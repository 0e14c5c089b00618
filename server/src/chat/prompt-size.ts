import type { ChatRequest } from '@weai/protocol/chat-request';
import { ApiError } from '@weai/protocol/errors';

/** No token of a vocabulary in use stands for more; the longest are runs of 128 spaces, as in Llama 3's. */
const longestTokenBytes = 256;

/**
 * Refuses tools, calls and schemas that can't fit by the length of their texts alone: measuring 31 MB as JSON takes 100 ms,
 * in which nobody else is answered. @throws ApiError context_length_exceeded.
 */
export function refuseHopelessTools(request: ChatRequest, contextTokens: number | null): void {
  if (contextTokens === null) return;
  const calls = request.messages.map((message) => ('tool_calls' in message ? message.tool_calls : null));
  const characters = charactersIn([request.tools, request.response_format, calls]);
  refuseHopelessPrompt(characters, contextTokens);
}

/** No more than the UTF-8 bytes of the same in JSON. */
function charactersIn(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, inner) => sum + charactersIn(inner), 0);
}

/** UTF-8 bytes of all that a template puts into the prompt (texts, tool calls, tools, schemas), and how many images there are. */
export function promptSize(request: ChatRequest): { bytes: number; images: number } {
  const size = { bytes: 0, images: 0 };
  for (const message of request.messages) {
    add(size, message.content);
    if ('tool_calls' in message && message.tool_calls)
      size.bytes += Buffer.byteLength(JSON.stringify(message.tool_calls));
  }
  if (request.tools) size.bytes += Buffer.byteLength(JSON.stringify(request.tools));
  if (request.response_format) size.bytes += Buffer.byteLength(JSON.stringify(request.response_format));
  return size;
}

/**
 * Refuses a prompt that can't fit however it is read, before an engine spends time on megabytes of it.
 * @param contextTokens room for prompt and answer; null when unknown. @throws ApiError context_length_exceeded.
 */
export function refuseHopelessPrompt(bytes: number, contextTokens: number | null): void {
  const leastTokens = Math.ceil(bytes / longestTokenBytes);
  if (contextTokens === null || leastTokens < contextTokens) return;
  throw new ApiError(
    'context_length_exceeded',
    `This model's maximum context length is ${contextTokens} tokens, but the messages take at least ${leastTokens} tokens. Please shorten the messages.`,
    { param: 'messages' },
  );
}

function add(
  size: { bytes: number; images: number },
  content: ChatRequest['messages'][number]['content'],
): void {
  if (typeof content === 'string') size.bytes += Buffer.byteLength(content);
  for (const part of Array.isArray(content) ? content : []) {
    if (part.type === 'image_url') size.images += 1;
    else if ('text' in part) size.bytes += Buffer.byteLength(part.text);
    else if ('refusal' in part) size.bytes += Buffer.byteLength(part.refusal);
  }
}
