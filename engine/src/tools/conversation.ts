/** Rewrites of a request's messages that families share. */
import type { ChatMessage } from '@weai/protocol/chat-messages';
import { messageText } from '@weai/protocol/chat-messages';
import { ApiError } from '@weai/protocol/errors';
import type { TemplateMessage, TemplateToolCall } from '../template.ts';

/**
 * A request's messages as templates know them: developers are the system, content is text, arguments are parsed.
 * @throws ApiError unsupported_value for a part that isn't text.
 */
export function templateMessages(messages: readonly ChatMessage[]): TemplateMessage[] {
  return messages.map((message, index) => {
    refuseImages(message, index);
    const content = messageText(message);
    if (message.role === 'developer') return { role: 'system', content };
    if (message.role === 'tool') {
      const name = message.name === null || message.name === undefined ? {} : { name: message.name };
      return { role: 'tool', content, tool_call_id: message.tool_call_id, ...name };
    }
    if (message.role !== 'assistant' || (message.tool_calls ?? []).length === 0) {
      return { role: message.role, content };
    }
    const calls = (message.tool_calls ?? []).map(({ id, function: called }): TemplateToolCall => {
      const call = { name: called.name, arguments: parsedArguments(called.arguments) };
      return { id, type: 'function', function: call };
    });
    return { role: 'assistant', content, tool_calls: calls };
  });
}

function refuseImages(message: ChatMessage, index: number): void {
  if (!Array.isArray(message.content)) return;
  const part = message.content.findIndex(({ type }) => type === 'image_url');
  if (part === -1) return;
  const param = `messages.${index}.content.${part}`;
  throw new ApiError('unsupported_value', `Invalid '${param}': this model reads text only.`, { param });
}

/** A cut call that a client sends back may be no JSON: it stays text. */
function parsedArguments(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** A call in history as the JSON text that the model would have written. */
export function callText({ function: called }: TemplateToolCall, argumentsKey: string): string {
  const parameters = spacedJson(called.arguments);
  return `{"name": ${JSON.stringify(called.name)}, "${argumentsKey}": ${parameters}}`;
}

/** JSON with a space after commas and colons, as Python's `json.dumps` has it and models learned it. */
export function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => spacedJson(item)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}: ${spacedJson(member)}`,
  );
  return `{${members.join(', ')}}`;
}

/** Puts text before the system message's, or makes one. */
export function withSystemText(
  messages: readonly TemplateMessage[],
  join: (system: string) => string,
): TemplateMessage[] {
  const [first, ...rest] = messages;
  if (first?.role === 'system') return [{ ...first, content: join(first.content) }, ...rest];
  return [{ role: 'system', content: join('') }, ...messages];
}

/** For templates without a place for it: the system's text goes before the next message of the user. */
export function systemAsUser(messages: readonly TemplateMessage[]): TemplateMessage[] {
  return mergeRepeated(
    messages.map((message) => (message.role === 'system' ? { ...message, role: 'user' } : message)),
    'user',
  );
}

/** Joins messages of one role that follow each other, for templates in which roles must alternate. */
export function mergeRepeated(messages: readonly TemplateMessage[], role: string): TemplateMessage[] {
  const merged: TemplateMessage[] = [];
  for (const message of messages) {
    const previous = merged.at(-1);
    const joins = previous?.role === role && message.role === role;
    if (joins && previous.tool_calls === undefined && message.tool_calls === undefined) {
      merged[merged.length - 1] = { ...previous, content: `${previous.content}\n\n${message.content}` };
    } else merged.push(message);
  }
  return merged;
}
