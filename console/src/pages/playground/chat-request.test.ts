import { expect, it } from 'vitest';
import { requestOf } from './chat-request.ts';
import type { Message } from './conversation-tree.ts';

const user: Message = { id: '1', parent_id: null, role: 'user', content: 'Hi' };

it('sends what is set, and nothing else', () => {
  const request = requestOf(
    { system: ' Be brief. ', temperature: 0, seed: null, stop: '', model: 'other' },
    [user],
    'm',
  );
  expect(request).toEqual({
    model: 'm',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ],
    temperature: 0,
  });
});

it('sends tool calls with their results, and leaves out answers that said nothing', () => {
  const call = { id: 'call_1', type: 'function' as const, function: { name: 'time', arguments: '{}' } };
  const branch: Message[] = [
    user,
    { id: '2', parent_id: '1', role: 'assistant', content: null, error: { message: 'It broke.' } },
    { id: '3', parent_id: '2', role: 'assistant', content: null, tool_calls: [call] },
    { id: '4', parent_id: '3', role: 'tool', tool_call_id: 'call_1', content: '12:00' },
  ];
  expect(requestOf({ tool_choice: 'auto' }, branch, 'm')).toEqual({
    model: 'm',
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: '12:00' },
    ],
  });
});
