import { describe, expect, test } from 'vitest';
import type { EngineChunk } from './engine-chunk.ts';
import { type Choice, type Expectation, Normalizer } from './normalize.ts';

const expectation: Expectation = {
  choices: 1,
  logprobs: false,
  completionTokenLimit: null,
  contextTokens: null,
};

function normalize(chunks: EngineChunk[], expected: Partial<Expectation> = {}): Choice[] {
  const normalizer = new Normalizer({ ...expectation, ...expected });
  const out: Choice[] = [];
  for (const chunk of chunks) normalizer.push(chunk, out);
  return [...out, ...normalizer.end()];
}

const delta = (fields: object, index = 0): EngineChunk => ({ choices: [{ index, delta: fields }] });
const finish = (finish_reason: string, index = 0): EngineChunk => ({
  choices: [{ index, delta: {}, finish_reason }],
});
const call = (args: string, name?: string): EngineChunk =>
  delta({
    tool_calls: [{ index: 0, ...(name ? { id: 'call_1' } : {}), function: { name, arguments: args } }],
  });
const usage = (completion_tokens: number): EngineChunk => ({
  choices: [],
  usage: { prompt_tokens: 10, completion_tokens },
});

/** Each choice in short: `role`, its text, its calls, or its finish. */
function short(choices: Choice[]): string[] {
  return choices.map(({ index, delta, finish_reason }) => {
    const what = delta.role ?? delta.content ?? delta.refusal ?? delta.tool_calls ?? finish_reason;
    return `${index} ${typeof what === 'string' ? what : JSON.stringify(what)}`;
  });
}

describe('Normalizer', () => {
  test.each<[string, EngineChunk[], string[]]>([
    [
      'a usual stream',
      [delta({ role: 'assistant', content: '' }), delta({ content: 'a' }), finish('stop')],
      ['0 assistant', '0 a', '0 stop'],
    ],
    ['no role chunk', [delta({ content: 'a' }), finish('length')], ['0 assistant', '0 a', '0 length']],
    [
      'text inside the finish chunk',
      [{ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] }],
      ['0 assistant', '0 a', '0 stop'],
    ],
    ['no text at all', [finish('stop')], ['0 assistant', '0 stop']],
    [
      'usage beside the last choice',
      [{ choices: [{ delta: { content: 'a' }, finish_reason: 'stop', usage: { prompt_tokens: 1 } }] }],
      ['0 assistant', '0 a', '0 stop'],
    ],
    ['a refusal', [delta({ refusal: 'no' }), finish('stop')], ['0 assistant', '0 no', '0 stop']],
    [
      'stop after a tool call',
      [call('{}', 'f'), finish('stop')],
      [
        '0 assistant',
        '0 [{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]',
        '0 tool_calls',
      ],
    ],
    [
      'arguments as an object',
      [
        delta({ tool_calls: [{ id: 'c', function: { name: 'f', arguments: { a: 1 } } }] }),
        finish('tool_calls'),
      ],
      [
        '0 assistant',
        '0 [{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{\\"a\\":1}"}}]',
        '0 tool_calls',
      ],
    ],
    [
      'a repeated finish',
      [delta({ content: 'a' }), finish('stop'), finish('stop')],
      ['0 assistant', '0 a', '0 stop'],
    ],
  ])('%s', (_, chunks, expected) => {
    expect(short(normalize(chunks))).toEqual(expected);
  });

  test('interleaved choices keep their own order', () => {
    const chunks = [delta({ content: 'a' }), delta({ content: 'x' }, 1), finish('stop', 1), finish('length')];
    expect(short(normalize(chunks, { choices: 2 }))).toEqual([
      '0 assistant',
      '0 a',
      '1 assistant',
      '1 x',
      '1 stop',
      '0 length',
    ]);
  });

  test.each<[string, EngineChunk[], Partial<Expectation>, string]>([
    [
      'cut at the limit',
      [call('{"a', 'f'), finish('tool_calls'), usage(8)],
      { completionTokenLimit: 8 },
      '0 length',
    ],
    [
      'cut at the context',
      [call('{"a', 'f'), finish('tool_calls'), usage(8)],
      { contextTokens: 18 },
      '0 length',
    ],
    [
      'badly written by the model',
      [call('{"a', 'f'), finish('tool_calls'), usage(7)],
      { completionTokenLimit: 8 },
      '0 tool_calls',
    ],
    [
      'ended by a stop string',
      [call('{"a', 'f'), finish('stop'), usage(7)],
      { completionTokenLimit: 8 },
      '0 stop',
    ],
    [
      'whole',
      [call('{"a":', 'f'), call('1}'), finish('tool_calls'), usage(8)],
      { completionTokenLimit: 8 },
      '0 tool_calls',
    ],
  ])('a tool call that is %s ends with the true reason', (_, chunks, expected, last) => {
    expect(short(normalize(chunks, expected)).at(-1)).toBe(last);
  });

  test('tool calls without index or id get both, and keep them', () => {
    const chunks = [
      delta({ tool_calls: [{ function: { name: 'f', arguments: '{' } }] }),
      delta({ tool_calls: [{ function: { arguments: '}' } }] }),
      delta({ tool_calls: [{ function: { name: 'g', arguments: '{}' } }] }),
      finish('stop'),
    ];
    const calls = normalize(chunks).flatMap((choice) => choice.delta.tool_calls ?? []);
    expect(calls.map(({ index }) => index)).toEqual([0, 0, 1]);
    expect(calls.map(({ id }) => id ?? null)).toEqual([
      expect.stringMatching(/^call_/),
      null,
      expect.stringMatching(/^call_/),
    ]);
    expect(calls[0]?.id).not.toBe(calls[2]?.id);
  });

  test('log probabilities are passed on when asked for, also of a token without text', () => {
    const logprobs = { content: [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [] }] };
    const chunks = [{ choices: [{ delta: { content: '' }, logprobs }] }, finish('stop')];
    expect(normalize(chunks, { logprobs: true })[1]?.logprobs).toEqual({ ...logprobs, refusal: null });
    expect(normalize(chunks).every((choice) => choice.logprobs === null)).toBe(true);
  });

  test.each<[string, EngineChunk[]]>([
    ['a choice that was not asked for', [delta({ content: 'a' }, 1)]],
    ['text after the finish', [finish('stop'), delta({ content: 'a' })]],
    ['a finish that is none', [finish('abort')]],
    ['a tool call without a name', [call('{}')]],
    ['an end without a finish', [delta({ content: 'a' })]],
  ])('refuses %s', (_, chunks) => {
    expect(() => normalize(chunks)).toThrow(/engine that serves this model/);
  });
});
