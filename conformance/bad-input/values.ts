import { message, valid, withFields, type BadRequest } from './request.ts';

/** Fields that are missing, unknown or of another type. */
export const types: BadRequest[] = [
  ...['null', '[]', '"text"', '1', 'true'].map((body) => ({ name: `a body of ${body}`, body, param: null })),
  withFields('a model that is a number', { model: 5 }, 'model'),
  withFields('no model', { model: undefined }, 'model'),
  withFields('no messages', { messages: undefined }, 'messages'),
  withFields('messages that are text', { messages: 'Hi' }, 'messages'),
  withFields('empty messages', { messages: [] }, 'messages'),
  withFields('a message that is null', { messages: [null] }, 'messages'),
  withFields('a message without content', { messages: [{ role: 'user' }] }, 'messages'),
  withFields('an unknown role', { messages: [{ role: 'robot', content: 'Hi' }] }, 'messages'),
  withFields('an unknown part', { messages: [{ role: 'user', content: [{ type: 'video' }] }] }, 'messages'),
  withFields('an empty part list', { messages: [{ role: 'user', content: [] }] }, 'messages'),
  withFields('an unknown field in a message', { messages: [{ ...message, mood: 'good' }] }, 'messages'),
  withFields('an unknown field', { top_n: 1 }, 'top_n'),
  withFields('10,000 messages', { messages: Array.from({ length: 10_000 }, () => message) }, 'messages'),
  withFields('stream as text', { stream: 'true' }, 'stream'),
  withFields('a temperature as text', { temperature: '1' }, 'temperature'),
  withFields('a list for max_completion_tokens', { max_completion_tokens: [2] }, 'max_completion_tokens'),
  withFields('stream_options without stream', { stream_options: { include_usage: true } }, 'stream_options'),
  withFields('an unknown model', { model: 'gpt-9' }, 'model', { status: 404, code: 'model_not_found' }),
  withFields('a model named like a path', { model: '../../etc/passwd' }, 'model', { status: 404 }),
];

/** Numbers out of range, or fractional where whole. */
export const numbers: BadRequest[] = [
  ...['-0.1', '2.1', '1e999', '-1e999'].map((text) => withText(`temperature ${text}`, 'temperature', text)),
  ...['-0.1', '1.1'].map((text) => withText(`top_p ${text}`, 'top_p', text)),
  ...['0', '-1', '1.5', '129', '1e9', '1e400'].map((text) => withText(`n ${text}`, 'n', text)),
  ...['0', '-5', '2.5', '1e400', '"5"'].map((text) =>
    withText(`max_completion_tokens ${text}`, 'max_completion_tokens', text),
  ),
  ...['0', '1.5'].map((text) => withText(`max_tokens ${text}`, 'max_tokens', text)),
  ...['-2.1', '2.1'].map((text) => withText(`frequency_penalty ${text}`, 'frequency_penalty', text)),
  ...['-2.1', '2.1'].map((text) => withText(`presence_penalty ${text}`, 'presence_penalty', text)),
  ...['1.5', '1e30', '-1e30'].map((text) => withText(`seed ${text}`, 'seed', text)),
  withFields('top_logprobs 21', { logprobs: true, top_logprobs: 21 }, 'top_logprobs'),
  withFields('top_logprobs -1', { logprobs: true, top_logprobs: -1 }, 'top_logprobs'),
  withFields('top_logprobs without logprobs', { top_logprobs: 2 }, 'top_logprobs'),
  withFields('a bias of 101', { logit_bias: { '5': 101 } }, 'logit_bias'),
  withFields('a bias of a word', { logit_bias: { hello: 1 } }, 'logit_bias'),
  withFields('a bias of a token past the vocabulary', { logit_bias: { '99999999': 1 } }, 'logit_bias'),
  withFields('a negative token', { logit_bias: { '-1': 1 } }, 'logit_bias'),
  withFields('stop of five', { stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop'),
  withFields('an empty stop', { stop: '' }, 'stop'),
  withFields('n times max_completion_tokens absurd', { n: 128, max_completion_tokens: 1_000_000 }, ''),
  withFields(
    'max_completion_tokens past the context',
    { max_completion_tokens: 10_000_000 },
    'max_completion_tokens',
  ),
];

/** Tools and calls that do not belong together. */
export const tools: BadRequest[] = [
  withFields(
    'a tool message without its call',
    { messages: [message, { role: 'tool', tool_call_id: 'x', content: '1' }] },
    'messages',
  ),
  withFields(
    'a tool message that answers another call',
    {
      messages: [
        message,
        { role: 'assistant', content: null, tool_calls: [toolCall('call_1')] },
        { role: 'tool', tool_call_id: 'call_2', content: '1' },
      ],
    },
    'messages',
  ),
  withFields(
    '10,000 tools',
    {
      tools: Array.from({ length: 10_000 }, (_, index) => ({
        type: 'function',
        function: { name: `f${index}` },
      })),
    },
    'tools',
  ),
  withFields('an empty list of tools', { tools: [] }, 'tools'),
  withFields('a tool without a name', { tools: [{ type: 'function', function: {} }] }, 'tools'),
  withFields(
    'a tool named with spaces',
    { tools: [{ type: 'function', function: { name: 'a b' } }] },
    'tools',
  ),
  withFields('tool_choice without tools', { tool_choice: 'required' }, 'tool_choice'),
  withFields(
    'an unknown tool_choice',
    { tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: 'maybe' },
    'tool_choice',
  ),
];

/** JSON whose numbers JavaScript's own writer could not produce. */
function withText(name: string, field: string, text: string, param: string | null = field): BadRequest {
  return { name, body: JSON.stringify({ ...valid, [field]: '§' }).replace('"§"', text), param };
}

function toolCall(id: string): object {
  return { id, type: 'function', function: { name: 'f', arguments: '{}' } };
}
