import type { components } from '../../api/openapi.ts';

export type Message = components['schemas']['PlaygroundMessage'];
export type Settings = components['schemas']['PlaygroundSettings'];
export type ContentPart = Exclude<Message['content'], string | null>[number];

/** A new message's id. */
export function newMessageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return `msg_${Array.from(bytes, (byte) => byte.toString(36).padStart(2, '0')).join('')}`;
}

/** The messages from the first one to `activeId`, in order. */
export function branchOf(messages: readonly Message[], activeId: string | null): Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const branch: Message[] = [];
  for (let id = activeId; id !== null;) {
    const message = byId.get(id);
    if (message === undefined) break;
    branch.push(message);
    id = message.parent_id;
  }
  return branch.toReversed();
}

/** A message and those that stand in its place on other branches, the oldest first. */
export function siblingsOf(messages: readonly Message[], { parent_id: parentId }: Message): Message[] {
  return messages.filter((each) => each.parent_id === parentId);
}

/** Where a branch ends that goes through a message: always by the newest continuation. */
export function leafBelow(messages: readonly Message[], id: string): string {
  const child = messages.findLast((each) => each.parent_id === id);
  return child === undefined ? id : leafBelow(messages, child.id);
}

/** The messages without one and all that follow it, and what to show then: its newest sibling's branch, or its parent. */
export function withoutMessage(
  messages: readonly Message[],
  id: string,
): { messages: Message[]; activeId: string | null } {
  const gone = new Set([id]);
  // Parents come first, so one pass finds all that follow.
  for (const each of messages) if (each.parent_id !== null && gone.has(each.parent_id)) gone.add(each.id);
  const left = messages.filter((each) => !gone.has(each.id));
  const parentId = messages.find((each) => each.id === id)?.parent_id ?? null;
  const sibling = left.findLast((each) => each.parent_id === parentId);
  return { messages: left, activeId: sibling === undefined ? parentId : leafBelow(left, sibling.id) };
}

/** Two versions of one tree as one that has every message of both; where both have one, the second's. */
export function mergedMessages(one: readonly Message[], other: readonly Message[]): Message[] {
  const newer = new Map(other.map((message) => [message.id, message]));
  const known = new Set(one.map(({ id }) => id));
  return [
    ...one.map((message) => newer.get(message.id) ?? message),
    ...other.filter(({ id }) => !known.has(id)),
  ];
}

/** The text of a message, its images left out. */
export function textOf({ content, refusal }: Pick<Message, 'content' | 'refusal'>): string {
  const said =
    typeof content === 'string'
      ? content
      : (content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  return said === '' ? (refusal ?? '') : said;
}

/** Addresses of a message's images. */
export function imagesOf({ content }: Message): string[] {
  return typeof content === 'string' || content === null
    ? []
    : content.flatMap((part) => (part.type === 'image_url' ? part.image_url.url : []));
}

/** A text with images as a message's content. */
export function contentOf(text: string, images: readonly string[]): Message['content'] {
  if (images.length === 0) return text;
  const parts: ContentPart[] = images.map((url) => ({ type: 'image_url', image_url: { url } }));
  return text === '' ? parts : [...parts, { type: 'text', text }];
}

/** Tool calls at the end of a branch that nobody has answered yet. */
export function openCalls(branch: readonly Message[]): NonNullable<Message['tool_calls']> {
  const last = branch.at(-1);
  return last?.role === 'assistant' ? (last.tool_calls ?? []) : [];
}
