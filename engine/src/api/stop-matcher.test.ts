import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StopMatcher } from './stop-matcher.ts';

function run(stops: string[], pieces: string[]): { text: string; stopped: boolean } {
  const matcher = new StopMatcher(stops);
  let text = '';
  for (const piece of pieces) {
    const result = matcher.push(piece);
    text += result.text;
    if (result.stopped) return { text, stopped: true };
  }
  return { text: text + matcher.end(), stopped: false };
}

describe('StopMatcher', () => {
  test.each([
    ['nothing to find', ['###'], ['a#', '#b'], 'a##b', false],
    ['in one piece', ['###'], ['a###b'], 'a', true],
    ['cut in two', ['###'], ['a##', '#b'], 'a', true],
    ['the earliest of several', ['two', 'one'], ['zero one two'], 'zero ', true],
    ['a false start just before', ['aab'], ['aa', 'ab'], 'a', true],
    ['the one that is complete first', ['abc', 'b'], ['abc'], 'a', true],
    ['at the very start', ['x'], ['xyz'], '', true],
    ['no stop strings', [], ['abc'], 'abc', false],
  ])('%s', (_name, stops, pieces, text, stopped) => {
    expect(run(stops, pieces)).toEqual({ text, stopped });
  });

  test('gives the same however the text is cut', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 });
    const stop = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 8 }), fc.array(stop, { maxLength: 4 }), (pieces, stops) => {
        const whole = pieces.join('');
        expect(run(stops, pieces)).toEqual(run(stops, [...whole]));
      }),
    );
  });
});
