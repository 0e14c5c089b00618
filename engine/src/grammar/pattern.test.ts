import { describe, expect, test } from 'vitest';
import { GbnfMatcher } from './gbnf-matcher.testing.ts';
import { GrammarError } from './grammar-rules.ts';
import { JsonRules } from './json-rules.ts';
import { patternExpression } from './pattern.ts';

function matcher(pattern: string): GbnfMatcher {
  const rules = new JsonRules();
  return new GbnfMatcher(rules.print(patternExpression(pattern, rules)));
}

/** A string's text inside its quotes. */
function inside(value: string): string {
  return JSON.stringify(value)
    .slice(1, -1)
    .replaceAll('\u007f', String.raw`\u007f`);
}

const texts = [
  '',
  'a',
  'b',
  'ab',
  'aab',
  'abc',
  'A1',
  '12',
  '123-4567',
  'x@y.zz',
  '\n',
  'a\nb',
  '"',
  '\\',
  '\u0001',
  'é',
  '😀',
  ' ',
  '-',
  ']',
  '^',
  '$',
  '_',
  '\u007f',
  'a.b',
  '10',
  '(555)123-4567',
];

describe('patternExpression', () => {
  test.each([
    '^a*b$',
    '^(a|b)+$',
    '^[a-c]{2,3}$',
    '^[^a]$',
    '^.$',
    '^.*$',
    '^\\d+$',
    '^\\w+$',
    '^\\W$',
    '^\\s$',
    '^\\S+$',
    '^\\D$',
    '^(?:ab)?$',
    '^(?<year>\\d{2})$',
    '^(\\([0-9]{3}\\))?[0-9]{3}-[0-9]{4}$',
    '^[\\w.]+@[\\w.]+\\.\\w{2,}$',
    'b',
    '^a',
    'b$',
    '^a|b$',
    '^a+?b$',
    '^["\\\\]$',
    '^\\n$',
    '^[\\]\\-^]$',
    '^\\$$',
    '^\\u0001$',
    '^[\\x00-\\x1f]$',
    '^\\u{1F600}$',
    '^a{2}b$',
    '^a{1,}b$',
    '',
    '^$',
    '^[^]$',
    '^[\\s\\S]$',
    '^a\\.b$',
    '^[ -~]+$',
    '^-$',
  ])('matches what the expression matches: %s', (pattern) => {
    const grammar = matcher(pattern);
    const expected = texts.filter((value) => new RegExp(pattern, 'u').test(value));
    expect(texts.filter((value) => grammar.accepts(inside(value)))).toEqual(expected);
  });

  test.each([
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '(?<!a)',
    '(a)\\1',
    '\\bword\\b',
    '\\p{L}',
    '\\k<x>',
    '\\cA',
    'a^',
    '^(^a)$',
    '(a$)',
    '(a',
    'a)',
    '[a',
    'a{',
    'a{2,1}',
    '*',
    'a**',
    '[z-a]',
    '\\ud800',
    '^(a*)*$',
    '[]',
    'a\\',
  ])('refuses %s', (pattern) => {
    expect(() => matcher(pattern)).toThrow(GrammarError);
  });
});
