import { expect, test } from 'vitest';
import { frontierOf, scaleOf, verdictOf, type Standing } from './verdict.ts';

function standing(name: string, fields: Partial<Standing> = {}): Standing {
  return {
    id: name,
    name,
    best: 0,
    answers: 3,
    failures: 0,
    timeToFirstTokenMs: 50,
    tokensPerSecond: 20,
    tokens: 100,
    costUsd: 0.01,
    machineUsd: null,
    ...fields,
  };
}

function sentenceOf(...[standings, tally]: Parameters<typeof verdictOf>): string | null {
  return verdictOf(standings, tally)?.sentence ?? null;
}

const votes = (count: number, ties = 0, none = 0) => ({ votes: count, ties, none });

test('before answers there is no verdict, and where nobody answered it says so', () => {
  expect(sentenceOf([standing('a', { answers: 0 })], votes(0))).toBeNull();
  expect(sentenceOf([standing('a', { answers: 0, failures: 1 })], votes(0))).toMatch(/^Nobody answered/);
  expect(sentenceOf([standing('a'), standing('b', { answers: 0, failures: 3 })], votes(0))).toMatch(
    /^Only a answered/,
  );
});

test('without votes it says who is cheapest and fastest, and leaves quality open', () => {
  const said = sentenceOf(
    [standing('a', { costUsd: 0.02, tokensPerSecond: 90 }), standing('b', { tokensPerSecond: 10 })],
    votes(0),
  );
  expect(said).toBe(
    'No votes yet, so quality is open. b costs least ($0.0100 an answer); a is fastest (90.0 tokens/s).',
  );
  expect(sentenceOf([standing('a', { costUsd: null }), standing('b')], votes(0))).toContain(
    'Some prices are not known',
  );
  expect(sentenceOf([standing('a'), standing('b')], votes(0))).toContain('They cost the same.');
});

test('the leader is named with its votes, and who is cheaper', () => {
  const leader = standing('a', { best: 7, costUsd: 0.04 });
  expect(sentenceOf([leader, standing('b', { best: 3, costUsd: 0.01 })], votes(10))).toBe(
    'Use a: best in 7 of 10 votes. If cost matters more, b costs 75% less and won 3.',
  );
  expect(sentenceOf([leader, standing('b', { best: 3, costUsd: 0 })], votes(10))).toBe(
    'Use a: best in 7 of 10 votes. If cost matters more, b has no price and won 3.',
  );
  const others = [
    standing('cheapest', { costUsd: 0.000001 }),
    standing('b', { best: 3, costUsd: 0.0001 }),
    standing('c', { best: 1, costUsd: 0.02 }),
  ];
  expect(sentenceOf([leader, ...others], votes(10))).toBe(
    'Use a: best in 7 of 10 votes. If cost matters more, b costs over 99% less and won 3.',
  );
  expect(sentenceOf([leader, standing('b', { costUsd: 0.0399 })], votes(7))).toBe(
    'Use a: best in 7 of 7 votes. If cost matters more, b costs under 1% less and won none.',
  );
  expect(sentenceOf([leader, standing('b', { best: 3, costUsd: 0.09 })], votes(10))).toBe(
    'Use a: best in 7 of 10 votes, and none costs less.',
  );
  expect(sentenceOf([leader, standing('b', { best: 3, costUsd: null })], votes(10))).toContain(
    'not every price is known',
  );
});

test('few votes are called a hint', () => {
  expect(sentenceOf([standing('a', { best: 1 }), standing('b')], votes(1))).toBe(
    'Use a: best in 1 of 1 vote, and all cost the same. One vote is only a first hint.',
  );
});

test('a shared lead is broken by cost, then by speed, else not at all', () => {
  const two = (a: Partial<Standing>, b: Partial<Standing>) =>
    sentenceOf([standing('a', { best: 4, ...a }), standing('b', { best: 4, ...b })], votes(8));
  expect(two({}, { costUsd: 0.005 })).toMatch(/^Use b: a and b share the lead .* it costs less\.$/);
  expect(two({ tokensPerSecond: 30 }, {})).toMatch(/^Use a: .* it is faster\.$/);
  expect(two({}, {})).toMatch(/vote on more prompts/);
  expect(two({ costUsd: null }, {})).toMatch(/not every price is known/);
});

test('ties and refusals in every vote prefer nobody', () => {
  const both = [standing('a'), standing('b')];
  expect(sentenceOf(both, votes(3, 3))).toMatch(/^Every vote is a tie/);
  expect(sentenceOf(both, votes(3, 0, 3))).toMatch(/^No answer was good enough/);
  expect(sentenceOf(both, votes(3, 2, 1))).toMatch(/^The votes prefer nobody/);
});

test('the frontier leaves out who is beaten and who has no price', () => {
  const names = frontierOf([
    standing('dear', { best: 5, costUsd: 0.05 }),
    standing('beaten', { best: 1, costUsd: 0.03 }),
    standing('cheap', { best: 2, costUsd: 0.01 }),
    standing('unpriced', { best: 9, costUsd: null }),
  ]).map(({ name }) => name);
  expect(names).toEqual(['cheap', 'dear']);
});

test('where all cost the same, speed takes the place of cost', () => {
  const same = [
    standing('slow and good', { best: 5, tokensPerSecond: 5 }),
    standing('slow', { best: 1, tokensPerSecond: 5 }),
    standing('fast', { best: 1, tokensPerSecond: 50 }),
  ];
  expect(scaleOf(same)).toBe('speed');
  expect(frontierOf(same).map(({ name }) => name)).toEqual(['fast', 'slow and good']);
});

test('whom to use is told as the sentence says, and nobody where it names nobody', () => {
  const used = (...standings: Standing[]) => verdictOf(standings, votes(10))?.use?.name ?? null;
  expect(used(standing('a', { best: 7 }), standing('b', { best: 3 }))).toBe('a');
  expect(used(standing('a', { best: 5, costUsd: 0.02 }), standing('b', { best: 5 }))).toBe('b');
  expect(used(standing('a', { best: 5 }), standing('b', { best: 5 }))).toBeNull();
  expect(verdictOf([standing('a'), standing('b')], votes(0))?.use).toBeNull();
});
