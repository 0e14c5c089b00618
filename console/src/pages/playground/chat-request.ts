import type { ChatRequest } from '../../api/chat-stream.ts';
import { textOf, type Message, type Settings } from './conversation-tree.ts';

type RequestMessage = ChatRequest['messages'][number];

/** The request that asks for the next message of a branch. */
export function requestOf(settings: Settings, branch: readonly Message[], model: string): ChatRequest {
  const {
    system,
    model: _model,
    tools,
    tool_choice: toolChoice,
    parallel_tool_calls: parallel,
    ...rest
  } = settings;
  const hasTools = (tools ?? []).length > 0;
  const fields = Object.fromEntries(
    Object.entries({
      ...rest,
      ...(hasTools ? { tools, tool_choice: toolChoice, parallel_tool_calls: parallel } : {}),
    }).filter(([, value]) => value !== null && value !== undefined && value !== ''),
  );
  const instructions = (system ?? '').trim();
  return {
    model,
    messages: [
      ...(instructions === '' ? [] : [{ role: 'system' as const, content: instructions }]),
      ...branch.flatMap(requestMessage),
    ],
    ...fields,
  };
}

/** A message as the API takes it; none for an answer that failed before it said anything. */
function requestMessage(message: Message): RequestMessage[] {
  const { role, content, tool_calls: calls, tool_call_id: callId } = message;
  switch (role) {
    case 'assistant': {
      const text = textOf(message);
      if (calls && calls.length > 0) return [{ role, content: text === '' ? null : text, tool_calls: calls }];
      return text === '' ? [] : [{ role, content: text }];
    }
    case 'tool':
      return [{ role, content: textOf(message), tool_call_id: callId ?? '' }];
    case 'user':
      return [{ role, content: content ?? '' }];
    default:
      return [{ role, content: textOf(message) }];
  }
}
