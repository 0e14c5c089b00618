import { expect, it } from 'vitest';
import {
  branchOf,
  contentOf,
  imagesOf,
  leafBelow,
  mergedMessages,
  siblingsOf,
  textOf,
  withoutMessage,
  type Message,
} from './conversation-tree.ts';

function message(id: string, parentId: string | null, content = id): Message {
  return { id, parent_id: parentId, role: 'user', content };
}

const tree = [
  message('a', null),
  message('b', 'a'),
  message('c', 'b'),
  message('b2', 'a'),
  message('c2', 'b2'),
  message('c3', 'b2'),
];
const ids = (messages: readonly Message[]) => messages.map(({ id }) => id).join(' ');

it('follows a branch from its first message to its last', () => {
  expect(ids(branchOf(tree, 'c2'))).toBe('a b2 c2');
  expect(ids(branchOf(tree, null))).toBe('');
});

it('finds the messages in the same place, and where each goes on to', () => {
  expect(ids(siblingsOf(tree, message('b', 'a')))).toBe('b b2');
  expect(leafBelow(tree, 'b2')).toBe('c3');
  expect(leafBelow(tree, 'b')).toBe('c');
});

it('removes a message with all that follows and shows its sibling, else its parent', () => {
  const first = withoutMessage(tree, 'b2');
  expect([ids(first.messages), first.activeId]).toEqual(['a b c', 'c']);
  const second = withoutMessage(first.messages, 'b');
  expect([ids(second.messages), second.activeId]).toEqual(['a', 'a']);
  expect(withoutMessage(second.messages, 'a')).toEqual({ messages: [], activeId: null });
});

it('merges what two tabs wrote, parents first', () => {
  const here = [...tree, message('d', 'c')];
  const there = [message('a', null, 'changed'), ...tree.slice(1), message('e', 'c3')];
  const merged = mergedMessages(here, there);
  expect(ids(merged)).toBe('a b c b2 c2 c3 d e');
  expect(merged[0]?.content).toBe('changed');
});

it('reads and writes texts with images', () => {
  const content = contentOf('What is it?', ['data:image/png;base64,AA==']);
  const read: Message = { ...message('i', null), content };
  expect(textOf(read).trim()).toBe('What is it?');
  expect(imagesOf(read)).toEqual(['data:image/png;base64,AA==']);
  expect(contentOf('Only text', [])).toBe('Only text');
});
