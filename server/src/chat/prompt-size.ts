import type { ChatRequest } from '@weai/protocol/chat-request';

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
