import { z } from 'zod';

/** A field that the API describes and WeAI refuses: only null, which asks for nothing, may be sent. */
const refused = z.null().optional();

const textPart = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  prompt_cache_breakpoint: refused,
});

const refusalPart = z.strictObject({ type: z.literal('refusal'), refusal: z.string() });

const imagePart = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({
    url: z.string().min(1),
    detail: z.enum(['auto', 'low', 'high']).nullish(),
  }),
  prompt_cache_breakpoint: refused,
});

const text = z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart])).min(1)]);

const functionName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);

const toolCall = z.strictObject({
  id: z.string().min(1).max(256),
  type: z.literal('function'),
  function: z.strictObject({ name: functionName, arguments: z.string() }),
});

const systemMessage = z.strictObject({ role: z.literal('system'), content: text, name: refused });
const developerMessage = z.strictObject({ role: z.literal('developer'), content: text, name: refused });
const userMessage = z.strictObject({
  role: z.literal('user'),
  content: z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart, imagePart])).min(1)]),
  name: refused,
});

const assistantMessage = z.strictObject({
  role: z.literal('assistant'),
  content: z
    .union([z.string(), z.array(z.discriminatedUnion('type', [textPart, refusalPart])).min(1)])
    .nullish(),
  refusal: z.string().nullish(),
  tool_calls: z
    .array(z.discriminatedUnion('type', [toolCall]))
    .min(1)
    .max(128)
    .nullish(),
  name: refused,
  audio: refused,
  function_call: refused,
  // Part of an answer, not of a request; clients that send an answer back as history send it empty.
  annotations: z.array(z.never()).max(0).nullish(),
});

const toolMessage = z.strictObject({
  role: z.literal('tool'),
  content: text,
  tool_call_id: z.string().min(1).max(256),
  // Not in the API description, though many clients send it: it must repeat the called function's name.
  name: functionName.nullish(),
});

/** A message of any role that is served. */
export const messageSchema = z.discriminatedUnion('role', [
  systemMessage,
  developerMessage,
  userMessage,
  assistantMessage,
  toolMessage,
]);

export type ChatMessage = z.infer<typeof messageSchema>;
export type AssistantMessage = z.infer<typeof assistantMessage>;
export type ToolMessage = z.infer<typeof toolMessage>;
export type ToolCall = z.infer<typeof toolCall>;

/**
 * The text of a message's content; text parts are joined without a separator, as engines do. A refusal is text that
 * the assistant said. Images have none.
 */
export function messageText(message: ChatMessage): string {
  const { content } = message;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return message.role === 'assistant' ? (message.refusal ?? '') : '';
  let joined = '';
  for (const part of content) {
    if (part.type === 'text') joined += part.text;
    else if (part.type === 'refusal') joined += part.refusal;
  }
  return joined;
}
