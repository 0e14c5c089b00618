import { describe, expect, test } from 'vitest';
import type { FinishCause } from '../scheduler/request.ts';
import type { OutputParser } from '../tools/format.ts';
import { ChoiceOutput, type ChoicePiece } from './choice.ts';

const turtle = new TextEncoder().encode('🐢');
const pieces = ['', 'Hello', ' world', '##', '#', '!'].map((text) => new TextEncoder().encode(text));
const [turtleStart, turtleEnd] = [pieces.length, pieces.length + 1];
const bytes = [...pieces, turtle.subarray(0, 2), turtle.subarray(2)];
const vocabulary = { piece: (token: number) => bytes[token] ?? new Uint8Array() };

const plain: OutputParser = {
  push: (text) => [{ type: 'content', text }],
  end: () => [],
  toolCallCount: 0,
  insideToolCall: false,
};

function run(
  tokens: number[],
  options: { stops?: string[]; logprobs?: boolean; parser?: OutputParser; cause?: FinishCause } = {},
) {
  const choice = new ChoiceOutput({
    vocabulary,
    stops: options.stops ?? [],
    parser: options.parser ?? plain,
    preserved: new Set(),
    wantsLogprobs: options.logprobs ?? false,
  });
  const shown: ChoicePiece[] = [];
  for (const token of tokens) {
    const logprob = options.logprobs ? { token, logprob: -token } : null;
    shown.push(...choice.push({ id: 1, token, logprob, top: logprob ? [logprob] : [] }));
    if (choice.stopped) break;
  }
  const end = choice.end(options.cause === 'length' ? 'length' : 'end');
  shown.push(...end.pieces);
  return {
    text: shown.map((piece) => piece.delta.content ?? '').join(''),
    finishReason: end.finishReason,
    logprobTokens: shown.flatMap((piece) => piece.logprobs?.content ?? []).map((entry) => entry.token),
    generatedTokens: choice.generatedTokens,
    shown,
  };
}

describe('ChoiceOutput', () => {
  test('joins a character that two tokens share', () => {
    expect(run([1, turtleStart, turtleEnd, 5]).text).toBe('Hello🐢!');
  });

  test('shows a replacement character for a character that never ends', () => {
    expect(run([1, turtleStart]).text).toBe('Hello\uFFFD');
  });

  test('cuts at a stop string and reports stop, even when the limit came with it', () => {
    expect(run([1, 3, 4, 2], { stops: ['###'], cause: 'length' })).toMatchObject({
      text: 'Hello',
      finishReason: 'stop',
      generatedTokens: 3,
    });
  });

  test('releases text that only looked like a stop string', () => {
    expect(run([1, 3, 2], { stops: ['###'] }).text).toBe('Hello## world');
    expect(run([1, 3], { stops: ['###'] }).text).toBe('Hello##');
  });

  test('reports length when the limit was reached', () => {
    expect(run([1, 2], { cause: 'length' }).finishReason).toBe('length');
  });

  test('gives every shown token its log-probability once and in order', () => {
    expect(run([1, turtleStart, turtleEnd, 2], { logprobs: true }).logprobTokens).toEqual([
      'Hello',
      '\uFFFD',
      '\uFFFD\uFFFD',
      ' world',
    ]);
  });

  test('gives none for tokens of a stop string', () => {
    expect(run([1, 3, 4], { stops: ['###'], logprobs: true }).logprobTokens).toEqual(['Hello']);
  });

  test('gives the bytes of a token that is half a character', () => {
    const entry = run([turtleStart, turtleEnd], { logprobs: true }).shown.flatMap(
      (piece) => piece.logprobs?.content ?? [],
    )[0];
    expect(entry).toMatchObject({
      bytes: [...turtle.subarray(0, 2)],
      top_logprobs: [{ bytes: [...turtle.subarray(0, 2)] }],
    });
  });

  test.each([
    ['a finished call', { toolCallCount: 1, insideToolCall: false }, 'end', 'tool_calls'],
    ['a call that was cut', { toolCallCount: 1, insideToolCall: true }, 'length', 'length'],
    [
      'a call that the limit cut just after its end',
      { toolCallCount: 1, insideToolCall: false },
      'length',
      'length',
    ],
    ['a call that the model left open', { toolCallCount: 1, insideToolCall: true }, 'end', 'stop'],
  ] as const)('%s ends with the right reason', (_name, state, cause, finishReason) => {
    expect(run([1], { parser: { ...plain, ...state }, cause }).finishReason).toBe(finishReason);
  });
});
