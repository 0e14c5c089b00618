import { expect, test } from 'vitest';
import { messagesOf } from './messages.ts';

test('messages and answers become text, whatever their parts', () => {
  const request = {
    model: 'm',
    temperature: 0,
    messages_left_out: 2,
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Look' }, { type: 'image_url' }] },
      'not a message',
    ],
  };
  const { messages, settings } = messagesOf({
    request,
    answer: {
      choices: [
        {
          message: {
            role: 'assistant',
            content: null,
            tool_calls: [{ function: { name: 'f', arguments: '{}' } }],
          },
        },
      ],
    },
    truncated: false,
    metadata: null,
  });
  expect(messages).toEqual([
    { role: 'left out', text: '2 messages before these' },
    { role: 'user', text: 'Look\n[image_url]' },
    { role: 'message', text: '' },
    { role: 'assistant', text: '{"name":"f","arguments":"{}"}' },
  ]);
  expect(JSON.parse(settings)).toEqual({ model: 'm', temperature: 0 });
});
