import { describe, expect, test } from 'vitest';
import { ChunkReader } from './chunk-reader.ts';

const chunk = (content: string, more: object = {}) =>
  JSON.stringify({
    id: 'x',
    created: 1,
    choices: [{ index: 0, delta: { content }, finish_reason: null, ...more }],
  });

/** What a stream says, in the fields that matter. */
function said(events: string[]): unknown[] {
  const reader = new ChunkReader();
  return events.map((event) => {
    const choice = reader.read(event).choices?.[0];
    return [choice?.index ?? 0, choice?.delta?.content, choice?.finish_reason ?? null];
  });
}

describe('ChunkReader', () => {
  test.each<[string, string[]]>([
    ['plain text', [chunk('a'), chunk('b'), chunk('cd')]],
    ['escapes', [chunk('a'), chunk('"'), chunk('\n\\'), chunk('\u0001'), chunk('b')]],
    ['text beyond ASCII', [chunk('ż'), chunk('🐢'), chunk('\u2028')]],
    ['text that looks like JSON', [chunk('a'), chunk('"},"finish_reason":"stop"'), chunk('{"content":"b"}')]],
    ['a finish', [chunk('a'), chunk('b', { finish_reason: 'stop' })]],
    ['another choice', [chunk('a'), chunk('b', { index: 1 }), chunk('c', { index: 1 }), chunk('d')]],
    ['empty text', [chunk('a'), chunk(''), chunk('b')]],
    [
      'another field that repeats the text',
      [chunk('a', { echo: { content: 'a' } }), chunk('b', { echo: { content: 'c' } })],
    ],
    [
      'another field before it that repeats the text in other spacing',
      ['a', 'b'].map((text) => `{"echo":{"content":"a"},"choices":[{"delta":{"content": "${text}"}}]}`),
    ],
    ['other spacing', [chunk('a'), chunk('b').replaceAll(':', ': '), chunk('c').replaceAll(':', ': ')]],
  ])('reads %s as JSON.parse does', (_, events) => {
    const expected = events.map((event) => {
      const { index, delta, finish_reason } = (
        JSON.parse(event) as {
          choices: [{ index?: number; delta: { content: string }; finish_reason?: string | null }];
        }
      ).choices[0];
      return [index ?? 0, delta.content, finish_reason ?? null];
    });
    expect(said(events)).toEqual(expected);
  });

  test.each([
    ['a raw line break in the text', (json: string) => json.replace('b', '\n')],
    ['a cut', (json: string) => json.slice(0, -1)],
    ['a quote in the text', (json: string) => json.replace('b', 'b"c')],
  ])('refuses %s', (_, spoil) => {
    const reader = new ChunkReader();
    reader.read(chunk('a'));
    expect(() => reader.read(spoil(chunk('b')))).toThrow(/engine that serves this model/);
  });
});
