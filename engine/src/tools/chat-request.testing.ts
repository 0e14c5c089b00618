import { readFileSync } from 'node:fs';
import type { ChatRequest } from '@weai/protocol/chat-request';
import { parseChatRequest } from '@weai/protocol/parse-chat-request';

export const weatherTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather in a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1, maximum: 7 } },
      required: ['city'],
    },
  },
};

export const timeTool = { type: 'function', function: { name: 'get_time' } };

/** A request with two tools, and what a test changes in it. */
export function chatRequest(changes: Record<string, unknown> = {}): ChatRequest {
  return parseChatRequest({
    model: 'test',
    messages: [{ role: 'user', content: 'How is the weather?' }],
    tools: [weatherTool, timeTool],
    ...changes,
  });
}

/** A turn with two calls, their results and what came before. */
export const toolConversation = [
  { role: 'developer', content: 'Be brief.' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'Weather and ' },
      { type: 'text', text: 'time?' },
    ],
  },
  {
    role: 'assistant',
    content: 'I look it up.',
    tool_calls: [
      {
        id: 'call_weather',
        type: 'function',
        function: { name: 'get_weather', arguments: '{"city":"Paris"}' },
      },
      { id: 'call_time', type: 'function', function: { name: 'get_time', arguments: '{}' } },
    ],
  },
  { role: 'tool', tool_call_id: 'call_weather', content: 'sunny' },
  { role: 'tool', tool_call_id: 'call_time', content: '12:00' },
];

/** A chat template of the fixtures. */
export function templateFixture(name: 'llama3.1' | 'hermes' | 'mistral' | 'smollm2'): string {
  return readFileSync(new URL(`fixtures/${name}.jinja`, import.meta.url), 'utf8');
}
