import { describe, expect, test } from 'vitest';
import { GbnfMatcher } from '../grammar/gbnf-matcher.testing.ts';
import { chatRequest, templateFixture } from './chat-request.testing.ts';
import { type Family, type Recording, recordings, sources } from './recordings.testing.ts';
import { detectToolFormat, type OutputDelta } from './format.ts';

function run(recording: Recording, pieces: string[]) {
  let number = 0;
  const format = detectToolFormat(sources[recording.family], () => `call_${number++}`);
  const parser = format.createParser(chatRequest(recording.request));
  const deltas = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end(recording.cut ?? false)];
  return {
    merged: merge(deltas),
    insideToolCall: parser.insideToolCall,
    toolCallCount: parser.toolCallCount,
  };
}

function merge(deltas: OutputDelta[]) {
  let content = '';
  const calls: { id: string; name: string; arguments: string }[] = [];
  for (const delta of deltas) {
    if (delta.type === 'content') content += delta.text;
    else if (delta.type === 'tool_call_start') {
      expect(delta.index).toBe(calls.length);
      calls.push({ id: delta.id, name: delta.name, arguments: '' });
    } else {
      const call = calls[delta.index];
      if (call === undefined) throw new Error('arguments before their call');
      call.arguments += delta.text;
    }
  }
  return { content, calls };
}

function expected({ content = '', calls = [], insideToolCall = false }: Recording) {
  const numbered = calls.map((call, index) => ({ id: `call_${index}`, ...call }));
  return { merged: { content, calls: numbered }, insideToolCall, toolCallCount: calls.length };
}

describe('createParser', () => {
  test.each(recordings)('$family: $name', (recording) => {
    expect(run(recording, recording.tokens)).toEqual(expected(recording));
  });

  test.each(recordings)('$family: $name, cut at every character and byte', (recording) => {
    const text = recording.tokens.join('');
    const characters = [...text];
    expect(run(recording, characters)).toEqual(expected(recording));
    for (let at = 1; at < characters.length; at++) {
      const pieces = [characters.slice(0, at).join(''), characters.slice(at).join('')];
      expect(run(recording, pieces)).toEqual(expected(recording));
    }
    const bytes = new TextEncoder().encode(text);
    for (let at = 1; at < bytes.length; at++) {
      const decoder = new TextDecoder();
      const first = decoder.decode(bytes.subarray(0, at), { stream: true });
      expect(run(recording, [first, decoder.decode(bytes.subarray(at))])).toEqual(expected(recording));
    }
  });

  test('arguments and text stream as they come', () => {
    const parser = detectToolFormat(sources.hermes, () => 'id').createParser(chatRequest());
    expect(parser.push('Hello wor')).toEqual([{ type: 'content', text: 'Hello wor' }]);
    expect(parser.push('ld <tool_call>\n{"name": "get_weather", "arguments": {"ci')).toEqual([
      { type: 'content', text: 'ld' },
      { type: 'tool_call_start', index: 0, id: 'id', name: 'get_weather' },
      { type: 'tool_call_arguments', index: 0, text: '{"ci' },
    ]);
    expect(parser.insideToolCall).toBe(true);
    expect(parser.push('ty": "Par')).toEqual([{ type: 'tool_call_arguments', index: 0, text: 'ty": "Par' }]);
  });

  test('JSON that can be no call is released at once', () => {
    const parser = detectToolFormat(sources.llama).createParser(chatRequest());
    expect(parser.push('{"na')).toEqual([]);
    expect(parser.push('tion')).toEqual([{ type: 'content', text: '{"nation' }]);
  });

  test("ids look like OpenAI's and differ", () => {
    const parser = detectToolFormat(sources.mistral).createParser(chatRequest());
    const starts = parser
      .push('[TOOL_CALLS][{"name": "get_time", "arguments": {}}, {"name": "get_time", "arguments": {}}]')
      .filter((delta) => delta.type === 'tool_call_start');
    expect(starts.every(({ id }) => /^call_[A-Za-z0-9]{24}$/.test(id))).toBe(true);
    expect(new Set(starts.map(({ id }) => id)).size).toBe(2);
  });
});

const forcedCalls: Record<Family, { one: string; two: string; invalid: string[] }> = {
  llama: {
    one: '{"name": "get_weather", "parameters": {"city": "Paris", "days": 3}}',
    two: '{"name": "get_time", "parameters": {}}; {"name": "get_time", "parameters": {}}',
    invalid: [
      'Hi',
      '{"name": "get_weather", "parameters": {"days": 3}}',
      '{"name": "rm", "parameters": {}}',
      '{"name": "get_time", "parameters": {"x": 1}}',
    ],
  },
  hermes: {
    one: '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}\n</tool_call>',
    two: '<tool_call>\n{"name": "get_time", "arguments": {}}\n</tool_call>\n<tool_call>\n{"name": "get_time", "arguments": {}}\n</tool_call>',
    invalid: [
      'Hi',
      '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris", "days": 8}}\n</tool_call>',
    ],
  },
  mistral: {
    one: '[TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "Paris"}, "id": "a1b2c3d4e"}]',
    two: '[TOOL_CALLS] [{"name": "get_time", "arguments": {}}, {"name": "get_time", "arguments": {}}]',
    invalid: ['[TOOL_CALLS][]', '[{"name": "get_time", "arguments": {}}]'],
  },
  mistralNamed: {
    one: '[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}',
    two: '[TOOL_CALLS]get_time[ARGS]{}[TOOL_CALLS]get_time[CALL_ID]a1b2c3d4e[ARGS]{}',
    invalid: ['[TOOL_CALLS]get_weather[ARGS]{}', '[TOOL_CALLS]get_wea[ARGS]{}'],
  },
  generic: {
    one: '<tool_call>{"name":"get_weather","arguments":{"city":"Paris"}}</tool_call>',
    two: '<tool_call>{"name":"get_time","arguments":{}}</tool_call><tool_call>{"name":"get_time","arguments":{}}</tool_call>',
    invalid: ['', 'Sure'],
  },
};
const families = Object.keys(sources) as Family[];

function grammarOf(family: Family, changes: Record<string, unknown>) {
  const grammar = detectToolFormat(sources[family]).grammar(chatRequest(changes));
  if (grammar === null) throw new Error('no grammar');
  return { ...grammar, matcher: new GbnfMatcher(grammar.gbnf) };
}

describe('grammar', () => {
  test.each(families)('%s: a call that must come', (family) => {
    const { matcher, triggerPatterns, triggerTokens } = grammarOf(family, { tool_choice: 'required' });
    const { one, two, invalid } = forcedCalls[family];
    expect([one, two].filter((text) => !matcher.accepts(text))).toEqual([]);
    expect(invalid.filter((text) => matcher.accepts(text))).toEqual([]);
    expect([triggerPatterns, triggerTokens]).toEqual([[], []]);
  });

  test.each(families)('%s: what the grammar holds is parsed', (family) => {
    const { one, two } = forcedCalls[family];
    const parsed = [one, two].map((text) => run({ name: '', family, tokens: [] }, [text]));
    expect(parsed.map(({ toolCallCount, merged }) => [toolCallCount, merged.content])).toEqual([
      [1, ''],
      [2, ''],
    ]);
  });

  test.each(families)('%s: markup of a call that must come is no content, wherever it is cut', (family) => {
    for (const text of [forcedCalls[family].one, forcedCalls[family].two]) {
      for (let length = 1; length < text.length; length++) {
        const request = { tool_choice: 'required' };
        const { merged } = run({ name: '', family, tokens: [], request, cut: true }, [text.slice(0, length)]);
        expect(merged.content).toBe('');
      }
    }
  });

  test.each(families)('%s: at most one call', (family) => {
    const { matcher } = grammarOf(family, { tool_choice: 'required', parallel_tool_calls: false });
    expect(matcher.accepts(forcedCalls[family].one)).toBe(true);
    expect(matcher.accepts(forcedCalls[family].two)).toBe(false);
  });

  const named = { type: 'function', function: { name: 'get_time' } };

  test.each(families)('%s: only the allowed functions', (family) => {
    const tool_choice = { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [named] } };
    const { matcher } = grammarOf(family, { tool_choice });
    expect(matcher.accepts(forcedCalls[family].two)).toBe(true);
    expect(matcher.accepts(forcedCalls[family].one)).toBe(false);
  });

  test.each(families)('%s: one call of a named function, as OpenAI gives it', (family) => {
    const { one, two } = forcedCalls[family];
    const weather = { type: 'function', function: { name: 'get_weather' } };
    const ofWeather = grammarOf(family, { tool_choice: weather, parallel_tool_calls: true }).matcher;
    expect(ofWeather.accepts(one)).toBe(true);
    const ofTime = grammarOf(family, { tool_choice: named }).matcher;
    expect([one, two].filter((text) => ofTime.accepts(text))).toEqual([]);
  });

  test.each(families)('%s: a call that may come starts the grammar, whatever the tokens are', (family) => {
    const { matcher, triggerPatterns, triggerTokens } = grammarOf(family, {});
    expect(triggerPatterns.length + triggerTokens.length).toBeGreaterThan(1);
    const call = forcedCalls[family].one;
    let triggered = 0;
    for (let length = 1; length <= call.length; length++) {
      for (const end of ['', ',', '"', ' ', '.', '}', '{', '\n', '[']) {
        const buffer = call.slice(0, length) + end;
        for (const pattern of triggerPatterns) {
          const start = new RegExp(pattern, 'd').exec(buffer)?.indices?.[1]?.[0];
          if (start === undefined) continue;
          triggered++;
          // llama.cpp gives its grammar all of the text from there on, and ends the process when that is refused.
          expect(matcher.acceptsPrefix(buffer.slice(start))).toBe(true);
        }
      }
    }
    expect(triggered).toBeGreaterThan(0);
  });

  test.each(families)('%s: content of a format, or a call', (family) => {
    const json_schema = {
      name: 'answer',
      strict: true,
      schema: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
    };
    const { matcher, triggerPatterns } = grammarOf(family, {
      response_format: { type: 'json_schema', json_schema },
    });
    expect(triggerPatterns).toEqual([]);
    expect(['{"a": 1}', forcedCalls[family].one].filter((text) => !matcher.accepts(text))).toEqual([]);
    expect(['{"a": 1, "b": 2}', 'text'].filter((text) => matcher.accepts(text))).toEqual([]);
  });

  test('a format without tools', () => {
    const { matcher } = grammarOf('hermes', { tools: null, response_format: { type: 'json_object' } });
    expect([matcher.accepts('{"a": 1}'), matcher.accepts('[]')]).toEqual([true, false]);
  });

  test('free text', () => {
    const format = detectToolFormat(sources.llama);
    expect(format.grammar(chatRequest({ tool_choice: 'none' }))).toBeNull();
    expect(format.grammar(chatRequest({ tools: null, response_format: { type: 'text' } }))).toBeNull();
  });

  test.each([
    [{ type: 'string' }, 'tools.0.function.parameters.type'],
    [{ type: 'object', properties: { a: { not: {} } } }, 'tools.0.function.parameters.properties.a.not'],
  ])('names the schema that it refuses: %j', (parameters, param) => {
    const tools = [{ type: 'function', function: { name: 'f', parameters } }];
    expect(() => grammarOf('generic', { tools })).toThrow(expect.objectContaining({ status: 400, param }));
  });
});

test.each([
  [templateFixture('llama3.1'), 'llama3.1'],
  [templateFixture('hermes'), 'hermes'],
  [templateFixture('mistral'), 'mistral'],
  [templateFixture('smollm2'), 'generic'],
  ['{{ "<tool_call>\n<function=" }}', 'generic'],
  [null, 'generic'],
])('detectToolFormat knows a template: %#', (source, name) => {
  expect(detectToolFormat(source).name).toBe(name);
});
