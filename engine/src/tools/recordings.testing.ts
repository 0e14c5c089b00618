import { templateFixture } from './chat-request.testing.ts';

/** A template of each family. */
export const sources = {
  llama: templateFixture('llama3.1'),
  hermes: templateFixture('hermes'),
  mistral: templateFixture('mistral'),
  mistralNamed: `${templateFixture('mistral')}{# [ARGS] #}`,
  generic: templateFixture('smollm2'),
};
export type Family = keyof typeof sources;

/** What a recorded answer, in the pieces in which tokens came, must become. */
export interface Recording {
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

export const recordings: Recording[] = [
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
