import type { LoggedRequestDetail } from './queries.ts';

/** A message as text to read. */
export interface ShownMessage {
  role: string;
  text: string;
}

/** The messages of a request and its answer as text, and what else the request set, as JSON. */
export function messagesOf(content: NonNullable<LoggedRequestDetail['content']>): {
  messages: ShownMessage[];
  settings: string;
} {
  const { messages: asked, messages_left_out: leftOut, ...settings } = content.request;
  const choices = content.answer === null ? [] : listAt(content.answer, 'choices');
  return {
    messages: [
      ...(typeof leftOut === 'number'
        ? [{ role: 'left out', text: `${leftOut} messages before these` }]
        : []),
      ...asked.map((message) => shown(message, 'message')),
      ...choices.map((choice) => shown(at(choice, 'message'), 'assistant')),
    ],
    settings: JSON.stringify(settings, null, 2),
  };
}

function shown(message: unknown, otherwise: string): ShownMessage {
  const role = at(message, 'role');
  const calls = listAt(message, 'tool_calls');
  const text = [
    textOf(at(message, 'content')),
    ...calls.map((call) => JSON.stringify(at(call, 'function') ?? call)),
  ].filter((part) => part !== '');
  return { role: typeof role === 'string' ? role : otherwise, text: text.join('\n\n') };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => {
      const [text, type] = [at(part, 'text'), at(part, 'type')];
      if (typeof text === 'string') return text;
      return `[${typeof type === 'string' ? type : 'part'}]`;
    })
    .join('\n');
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function listAt(value: unknown, key: string): unknown[] {
  const list = at(value, key);
  return Array.isArray(list) ? list : [];
}
