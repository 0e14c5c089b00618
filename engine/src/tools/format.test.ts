import { describe, expect, test } from 'vitest';
import { GbnfMatcher } from '../grammar/gbnf-matcher.testing.ts';
import { chatRequest, templateFixture } from './chat-request.testing.ts';
import { detectToolFormat, type OutputDelta } from './format.ts';

const sources = {
  llama: templateFixture('llama3.1'),
  hermes: templateFixture('hermes'),
  mistral: templateFixture('mistral'),
  mistralNamed: `${templateFixture('mistral')}{# [ARGS] #}`,
  generic: templateFixture('smollm2'),
};
type Family = keyof typeof sources;

/** What a recorded answer, in the pieces in which tokens came, must become. */
interface Recording {
  name: string;
  family: Family;
  tokens: string[];
  content?: string;
  calls?: { name: string; arguments: string }[];
  insideToolCall?: boolean;
  cut?: boolean;
  request?: Record<string, unknown>;
}

const paris = { name: 'get_weather', arguments: '{"city": "Paris"}' };
const noon = { name: 'get_time', arguments: '{}' };
const pair = [paris, noon];

const recordings: Recording[] = [
  // Llama 3.1
  {
    name: 'a call',
    family: 'llama',
    tokens: [
      '{"',
      'name',
      '":',
      ' "',
      'get',
      '_weather',
      '",',
      ' "',
      'parameters',
      '":',
      ' {"',
      'city',
      '":',
      ' "',
      'Paris',
      '"}}',
    ],
    calls: [paris],
  },
  {
    name: 'a call after the Python tag',
    family: 'llama',
    tokens: ['<|python_tag|>', '{"', 'name', '":', ' "get', '_time', '",', ' "parameters', '":', ' {}}'],
    calls: [noon],
  },
  {
    name: 'a built-in tool',
    family: 'llama',
    tokens: ['<|python_tag|>', 'get', '_weather', '.call', '(city', '="', 'Paris', '")'],
    calls: [paris],
  },
  {
    name: 'a built-in tool with several arguments',
    family: 'llama',
    tokens: [
      '<|python_tag|>get_weather.call(',
      'city="a \\"b\\" "c" d\\n", days=3, x=True, y=None, z=\'q\')',
    ],
    calls: [
      {
        name: 'get_weather',
        arguments: String.raw`{"city": "a \"b\" \"c\" d\n", "days": 3, "x": true, "y": null, "z": "q"}`,
      },
    ],
  },
  {
    name: 'a built-in tool without arguments',
    family: 'llama',
    tokens: ['<|python_tag|>', 'get_time', '.call()'],
    calls: [noon],
  },
  {
    name: 'several calls',
    family: 'llama',
    tokens: [
      '{"name": "get_weather", "parameters": {"city": "Paris"}}',
      '; ',
      '{"name": "get_time", "parameters": {}}',
    ],
    calls: pair,
  },
  {
    name: 'the type first',
    family: 'llama',
    tokens: ['\n\n{"type": "function", "name": "get_time", "parameters": {}}'],
    calls: [noon],
  },
  {
    name: 'parameters as a string',
    family: 'llama',
    tokens: ['{"name": "get_weather", "parameters": "', '{\\"city\\": \\"', 'Par\\u0069s\\"', '}"}'],
    calls: [paris],
  },
  {
    name: 'brackets and escapes in strings',
    family: 'llama',
    tokens: ['{"name": "get_weather", "parameters": {"city": "}]\\"\\\\"}}'],
    calls: [{ name: 'get_weather', arguments: '{"city": "}]\\"\\\\"}' }],
  },
  {
    name: 'JSON that is no call',
    family: 'llama',
    tokens: ['{"', 'name', '":', ' "', 'John', '",', ' "age', '":', ' 3}'],
    content: '{"name": "John", "age": 3}',
  },
  {
    name: "JSON with a function's name that is no call",
    family: 'llama',
    tokens: ['{"name": "get_weather", "age": 3}'],
    content: '{"name": "get_weather", "age": 3}',
  },
  {
    name: 'a call that begins in the middle of text',
    family: 'llama',
    tokens: ['Call ', '{"name": "get_time", "parameters": {}}'],
    content: 'Call {"name": "get_time", "parameters": {}}',
  },
  {
    name: 'Python code',
    family: 'llama',
    tokens: ['<|python_tag|>', 'print', '(1)'],
    content: '<|python_tag|>print(1)',
  },
  {
    name: 'text after a call',
    family: 'llama',
    tokens: ['{"name": "get_time", "parameters": {}}', ', then more'],
    calls: [noon],
    content: ', then more',
  },
  {
    name: 'the start of a tag',
    family: 'llama',
    tokens: ['a <', '|python', '_tag and'],
    content: 'a <|python_tag and',
  },
  {
    name: 'a cut call',
    family: 'llama',
    tokens: ['{"name": "get_weather", "parameters": {"city": "Par'],
    calls: [{ name: 'get_weather', arguments: '{"city": "Par' }],
    insideToolCall: true,
    cut: true,
  },
  {
    name: 'a call cut before its name',
    family: 'llama',
    tokens: ['{"name": "get_we'],
    content: '{"name": "get_we',
    cut: true,
  },
  {
    name: 'a cut built-in call',
    family: 'llama',
    tokens: ['<|python_tag|>get_weather.call(city="Par'],
    calls: [{ name: 'get_weather', arguments: '{"city": "Par' }],
    insideToolCall: true,
    cut: true,
  },
  // Hermes and Qwen
  {
    name: 'a call',
    family: 'hermes',
    tokens: [
      '<tool_call>',
      '\n',
      '{"',
      'name',
      '":',
      ' "get',
      '_weather',
      '",',
      ' "arguments',
      '":',
      ' {"',
      'city',
      '":',
      ' "Paris',
      '"}}',
      '\n',
      '</tool_call>',
    ],
    calls: [paris],
  },
  {
    name: 'text and two calls',
    family: 'hermes',
    tokens: [
      'Let',
      ' me',
      ' look',
      '.',
      '\n',
      '<tool_call>',
      '\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n',
      '</tool_call>',
      '\n',
      '<tool_call>',
      '\n{"name": "get_time", "arguments": {}}\n',
      '</tool_call>',
    ],
    content: 'Let me look.',
    calls: pair,
  },
  {
    name: 'arguments first',
    family: 'hermes',
    tokens: ['<tool_call>\n{"arguments": {"city": "Paris"}, ', '"name": "get_weather"}\n</tool_call>'],
    calls: [paris],
  },
  {
    name: 'a call and text after it',
    family: 'hermes',
    tokens: ['<tool_call>{"name": "get_time", "arguments": {}}</tool_call>', '\nDone.'],
    content: '\nDone.',
    calls: [noon],
  },
  {
    name: 'a call without its end tag',
    family: 'hermes',
    tokens: ['<tool_call>\n{"name": "get_time", "arguments": {}}'],
    calls: [noon],
  },
  {
    name: 'a tag that never completes',
    family: 'hermes',
    tokens: ['a ', '<tool', '_ca', 'r>  b \n'],
    content: 'a <tool_car>  b \n',
  },
  { name: 'a tag at the end', family: 'hermes', tokens: ['a ', '<tool', '_'], content: 'a <tool_' },
  {
    name: 'a tag in text',
    family: 'hermes',
    tokens: ['Use <tool_call> and ', '</tool_call>.'],
    content: 'Use <tool_call> and </tool_call>.',
  },
  {
    name: 'a function that is not offered',
    family: 'hermes',
    tokens: ['<tool_call>\n{"name": "rm", "arguments": {}}\n</tool_call>'],
    content: '<tool_call>\n{"name": "rm", "arguments": {}}\n</tool_call>',
  },
  {
    name: 'a function that may not be called now',
    family: 'hermes',
    request: { tool_choice: { type: 'function', function: { name: 'get_weather' } } },
    tokens: ['<tool_call>{"name": "get_time", "arguments": {}}'],
    content: '<tool_call>{"name": "get_time", "arguments": {}}',
  },
  {
    name: 'only one call where one is allowed',
    family: 'hermes',
    request: { parallel_tool_calls: false },
    tokens: [
      '<tool_call>{"name": "get_time", "arguments": {}}</tool_call>\n',
      '<tool_call>{"name": "get_time", "arguments": {}}</tool_call>',
    ],
    calls: [noon],
  },
  {
    name: 'no call where none is allowed',
    family: 'hermes',
    request: { tool_choice: 'none' },
    tokens: ['<tool_call>{"name": "get_time", "arguments": {}}</tool_call>'],
    content: '<tool_call>{"name": "get_time", "arguments": {}}</tool_call>',
  },
  {
    name: 'a cut call',
    family: 'hermes',
    tokens: ['<tool_call>\n{"name": "get_weather", "arguments": {"ci'],
    calls: [{ name: 'get_weather', arguments: '{"ci' }],
    insideToolCall: true,
    cut: true,
  },
  {
    name: 'a call cut in its end tag',
    family: 'hermes',
    tokens: ['<tool_call>\n{"name": "get_time", "arguments": {}}\n</tool_'],
    calls: [noon],
    cut: true,
  },
  {
    name: 'characters of many bytes',
    family: 'hermes',
    tokens: [
      'Zürich 😀 <tool_call>\n{"name": "get_weather", "arguments": {"city": "Zürich 😀"}}\n</tool_call>',
    ],
    content: 'Zürich 😀',
    calls: [{ name: 'get_weather', arguments: '{"city": "Zürich 😀"}' }],
  },
  // Mistral
  {
    name: 'a list of calls',
    family: 'mistral',
    tokens: [
      '[TOOL_CALLS]',
      ' [{"',
      'name',
      '":',
      ' "get_weather',
      '",',
      ' "arguments": {"city": "Paris"},',
      ' "id": "a1b2c3d4e"}',
      ', {"name": "get_time", "arguments": {}}',
      ']',
    ],
    calls: pair,
  },
  {
    name: 'text and a call',
    family: 'mistral',
    tokens: ['I look.', '[TOOL_CALLS]', '[{"name": "get_time", "arguments": {}}]'],
    content: 'I look.',
    calls: [noon],
  },
  {
    name: 'named calls',
    family: 'mistralNamed',
    tokens: [
      '[TOOL_CALLS]',
      'get',
      '_weather',
      '[ARGS]',
      '{"city": "Paris"}',
      '[TOOL_CALLS]',
      'get_time',
      '[ARGS]',
      '{}',
    ],
    calls: pair,
  },
  {
    name: 'a named call with an id',
    family: 'mistralNamed',
    tokens: ['[TOOL_CALLS]', 'get_time', '[CALL_ID]', 'a1b2c3d4e', '[ARGS]', '{}'],
    calls: [noon],
  },
  { name: 'a list in text', family: 'mistral', tokens: ['[1, 2] [TOOL', 'S]'], content: '[1, 2] [TOOLS]' },
  {
    name: 'a cut named call',
    family: 'mistralNamed',
    tokens: ['[TOOL_CALLS]get_weather[ARGS]{"city"'],
    calls: [{ name: 'get_weather', arguments: '{"city"' }],
    insideToolCall: true,
    cut: true,
  },
  {
    name: 'a call cut in its name',
    family: 'mistralNamed',
    tokens: ['[TOOL_CALLS]get_weather[AR'],
    content: '[TOOL_CALLS]get_weather[AR',
    cut: true,
  },
  // Models without tools in their template
  {
    name: 'a call',
    family: 'generic',
    tokens: [
      '<',
      'tool',
      '_',
      'call',
      '>\n',
      '{"',
      'name',
      '":',
      ' "get_weather',
      '",',
      ' "arguments',
      '":',
      ' {"city": "Paris"}',
      '}\n',
      '</',
      'tool',
      '_',
      'call',
      '>',
    ],
    calls: [paris],
  },
  {
    name: 'text alone',
    family: 'generic',
    tokens: [' The', ' weather', ' is', ' fine', ' < 3', '.\n'],
    content: ' The weather is fine < 3.\n',
  },
];

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

  test.each(families)('%s: at most one call', (family) => {
    const { matcher } = grammarOf(family, { tool_choice: 'required', parallel_tool_calls: false });
    expect(matcher.accepts(forcedCalls[family].one)).toBe(true);
    expect(matcher.accepts(forcedCalls[family].two)).toBe(false);
  });

  test.each(families)('%s: only the chosen function', (family) => {
    const named = { type: 'function', function: { name: 'get_time' } };
    const allowed = { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [named] } };
    for (const tool_choice of [named, allowed]) {
      const { matcher } = grammarOf(family, { tool_choice });
      expect(matcher.accepts(forcedCalls[family].two)).toBe(true);
      expect(matcher.accepts(forcedCalls[family].one)).toBe(false);
    }
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
          const start = new RegExp(pattern).exec(buffer)?.[1];
          if (start === undefined) continue;
          triggered++;
          // llama.cpp ends the process when its grammar refuses the text that triggered it.
          expect(matcher.acceptsPrefix(start)).toBe(true);
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
