import { isOver, keptFinishReason, type Answer } from '../../answers/answer.ts';
import type { Conversation } from './conversation-api.ts';
import type { Message } from './conversation-tree.ts';

/** What a tab keeps of a conversation until the server has it: so a reload in mid-answer loses nothing that was shown. */
interface KeptCopy {
  conversation: Conversation;
}

function keyOf(id: string | null): string {
  return `weai.conversation.${id ?? 'new'}`;
}

/** Keeps a copy in this tab. Without storage, or when it is full, a reload goes back to what was saved. */
export function keepCopy(conversation: Conversation): void {
  try {
    sessionStorage.setItem(keyOf(conversation.id), JSON.stringify({ conversation } satisfies KeptCopy));
  } catch {
    // See above.
  }
}

/** Forgets the copy: the server has all of it. */
export function dropCopy(id: string | null): void {
  try {
    sessionStorage.removeItem(keyOf(id));
  } catch {
    // Then there is none.
  }
}

export function readCopy(id: string | null): Conversation | null {
  try {
    const text = sessionStorage.getItem(keyOf(id));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this tab wrote it
    return text === null ? null : (JSON.parse(text) as KeptCopy).conversation;
  } catch {
    return null;
  }
}

/** An answer as a message of the tree, also while it comes. */
export function answerMessage(
  message: Message,
  answer: Answer,
  metrics: NonNullable<Message['metrics']>,
): Message {
  return {
    ...message,
    content: answer.text === '' && answer.toolCalls.length > 0 ? null : answer.text,
    ...(answer.toolCalls.length > 0 && isOver(answer) ? { tool_calls: answer.toolCalls } : {}),
    // Until something answers it is named by what was asked.
    model: answer.model ?? message.model ?? null,
    metrics: { ...metrics, finish_reason: keptFinishReason(answer) },
    error: answer.error,
  };
}
