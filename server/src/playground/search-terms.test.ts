import { expect, test } from 'vitest';
import { searchQuery, searchTerms } from './search-terms.ts';

test.each([
  ['words, in lower case', ['Hello, World! x2'], ['hello', 'world', 'x2']],
  ['each once', ['a b', 'b a'], ['a', 'b']],
  ['without accents', ['Crème BRÛLÉE Ångström Ελλάς'], ['creme', 'brulee', 'angstrom', 'ελλας']],
  ['compatible forms as one', ['ﬁne ２０２６'], ['fine', '2026']],
  ['neighbours where words have no spaces', ['東京の天気'], ['東京', '京の', 'の天', '天気', '気']],
  ['long words cut', ['x'.repeat(100)], ['x'.repeat(64)]],
  ['nothing of signs', ['?! … 😀'], []],
])('%s', (_what, texts, terms) => {
  expect(searchTerms(texts)).toEqual(terms);
});

test('a word at the edge of a piece stays whole', () => {
  const words = Array.from({ length: 3000 }, (_, index) => `word${index}`);
  expect(searchTerms([words.join(' ')])).toEqual(words);
});

test.each([
  'a '.repeat(1_000_000),
  '\uFDFA'.repeat(1_000_000),
  'の'.repeat(1_000_000),
  'x'.repeat(4_000_000),
])('a text of a million characters holds nothing up', (text) => {
  const startedMs = performance.now();
  expect(searchTerms([text]).length).toBeLessThan(30);
  expect(performance.now() - startedMs).toBeLessThan(250);
});

test('a query is quoted, so that nothing in it is an operator', () => {
  expect(searchQuery("preset:it's", "cat | dog's & !x:*")).toBe(
    "'preset:it''s' & 'cat':* & 'dog':* & 's':* & 'x':*",
  );
  expect(searchQuery('preset:p', '& | !')).toBeNull();
});
