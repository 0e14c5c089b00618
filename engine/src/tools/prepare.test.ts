import { describe, expect, test } from 'vitest';
import { ChatTemplate } from '../template.ts';
import { chatRequest, templateFixture, toolConversation } from './chat-request.testing.ts';
import { detectToolFormat } from './format.ts';

function rendered(source: string, changes: Record<string, unknown>): string {
  const prompt = detectToolFormat(source).prepare(chatRequest(changes));
  return new ChatTemplate(source, { bos: '<s>', eos: '</s>' }).render({
    ...prompt,
    addGenerationPrompt: true,
  });
}

describe('prepare', () => {
  test('Llama 3.1: one call in a message, each followed by its result', () => {
    const text = rendered(templateFixture('llama3.1'), { messages: toolConversation, tool_choice: 'none' });
    const turns = text.split('<|eot_id|>').map((turn) => turn.split('<|end_header_id|>\n\n')[1]);
    expect(turns.slice(1)).toEqual([
      'Weather and time?',
      'I look it up.',
      '{"name": "get_weather", "parameters": {"city": "Paris"}}',
      '"sunny"',
      '{"name": "get_time", "parameters": {}}',
      '"12:00"',
      '',
    ]);
  });

  test('Hermes: the template writes calls and results', () => {
    const text = rendered(templateFixture('hermes'), { messages: toolConversation });
    expect(text).toContain('Be brief.\n\n# Tools');
    expect(text).toContain('{"type": "function", "function": {"name": "get_time"}}');
    expect(text).toContain(
      'I look it up.\n<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>\n<tool_call>',
    );
    expect(text).toContain('<tool_response>\nsunny\n</tool_response>');
  });

  test('Mistral: short ids, the same for a call and its result', () => {
    const text = rendered(templateFixture('mistral'), { messages: toolConversation });
    const ids = [...text.matchAll(/"(?:id|call_id)": "([a-zA-Z0-9]{9})"/g)].map((match) => match[1]);
    expect(ids).toHaveLength(4);
    expect(ids.slice(0, 2)).toEqual(ids.slice(2));
    expect(ids[0]).not.toBe(ids[1]);
  });

  test('Mistral: messages of one role in a row become one', () => {
    const messages = ['one', 'two'].map((content) => ({ role: 'user', content }));
    expect(rendered(templateFixture('mistral'), { messages, tools: null })).toBe(
      '<s>[INST]one\n\ntwo[/INST]',
    );
  });

  test('generic: tools in a system text, calls and results as text', () => {
    const text = rendered(templateFixture('smollm2'), { messages: toolConversation });
    expect(text).toMatch(
      /^<\|im_start\|>system\nBe brief\.\n\nYou can call these functions:\n\{"name": "get_weather"/,
    );
    expect(text).toContain(
      '<|im_start|>assistant\nI look it up.\n<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>',
    );
    expect(text).toContain('<|im_start|>user\n<tool_response>\n12:00\n</tool_response><|im_end|>');
  });

  test('generic: without tools the template has its own system message', () => {
    const text = rendered(templateFixture('smollm2'), { tools: null });
    expect(text).toBe(
      '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' +
        '<|im_start|>user\nHow is the weather?<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  test.each(['llama3.1', 'hermes', 'mistral', 'smollm2'] as const)(
    '%s: no tools are shown with tool_choice none',
    (name) => {
      expect(rendered(templateFixture(name), { tool_choice: 'none' })).not.toContain('get_weather');
      expect(rendered(templateFixture(name), {})).toContain('get_weather');
    },
  );

  test('all tools are shown when only one may be called', () => {
    const tool_choice = { type: 'function', function: { name: 'get_time' } };
    expect(rendered(templateFixture('hermes'), { tool_choice })).toContain('get_weather');
  });

  test('a template without a system message gets its text from the user', () => {
    const source = `{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}[{{ m.role }}]{{ m.content }}{% endfor %}`;
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ];
    expect(rendered(source, { messages, tools: null })).toBe('[user]Be brief.\n\nHi');
  });

  test('a cut call in history stays text', () => {
    const call = { id: 'c', type: 'function', function: { name: 'get_time', arguments: '{"a' } };
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', tool_calls: [call] },
    ];
    expect(rendered(templateFixture('smollm2'), { messages })).toContain(String.raw`"arguments": "{\"a"`);
  });

  test('an image is refused with its path', () => {
    const content = [
      { type: 'text', text: 'What?' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
    ];
    expect(() => rendered(templateFixture('smollm2'), { messages: [{ role: 'user', content }] })).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'messages.0.content.1' }),
    );
  });
});
