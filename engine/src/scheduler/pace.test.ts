import { describe, expect, test } from 'vitest';
import { Pace } from './pace.ts';

/** Milliseconds by batch size as measured on one AVX-512 machine with two threads. */
const processor: [tokens: number, ms: number][] = [
  [1, 7.2],
  [2, 11.3],
  [4, 15.2],
  [8, 25],
  [16, 50.8],
  [32, 99],
  [64, 188.3],
  [128, 376.1],
];
/** A batch takes the same time whatever its size, as where weights come slowly from memory. */
const sameForAll: [tokens: number, ms: number][] = [
  [1, 20],
  [8, 20.5],
  [64, 23],
  [128, 27],
];

/** Larger batches take little longer, as on a GPU. */
const fastDevice: [tokens: number, ms: number][] = [
  [1, 2],
  [4, 2.1],
  [64, 2.6],
  [128, 3],
  [256, 4.2],
  [512, 6.5],
];

function pace(measured = processor): Pace {
  const learned = new Pace(128);
  for (const [tokens, ms] of measured) learned.observe(tokens, ms, 0);
  return learned;
}

/** One long prompt beside four streams. */
const demand = {
  streams: 4,
  streamDepth: 0,
  prompts: 1,
  promptLength: 4000,
  promptDepth: 0,
  room: 512,
  slowdown: 1,
};

describe('Pace', () => {
  test('prompts alone fill an efficient batch', () => {
    expect(pace().share({ ...demand, streams: 0, prompts: 4 }).promptTokens).toBe(128);
    expect(pace().share({ ...demand, streams: 0, room: 60 }).promptTokens).toBe(60);
  });

  test('where larger batches are efficient, prompts fill those', () => {
    const fast = new Pace(512);
    for (const [tokens, ms] of fastDevice) fast.observe(tokens, ms, 0);
    expect(fast.share({ ...demand, streams: 0 }).promptTokens).toBe(512);
    const { promptTokens, mixed } = fast.share(demand);
    expect(promptTokens).toBeGreaterThan(128);
    expect(mixed).toBe(true);
  });

  test('one long prompt beside four streams leaves them a token in under three of their token times', () => {
    const { promptTokens, mixed } = pace().share(demand);
    // 15.2 ms a token: 21.3 are left for the prompt, and 6 tokens take 20.1.
    expect({ promptTokens, mixed }).toEqual({ promptTokens: 6, mixed: false });
  });

  test('what the streams look back on counts as their own time, so that a prompt beside long ones gets on', () => {
    const learned = pace();
    for (let count = 0; count < 10; count += 1) learned.observe(16, 136, 2008);
    const beside = (streamDepth: number): number => learned.share({ ...demand, streamDepth }).promptTokens;
    expect(beside(0)).toBe(6);
    expect(beside(1000)).toBe(11);
  });

  test('a burst of prompts may use a longer pause, below what people see as a stall', () => {
    const { promptTokens } = pace().share({ ...demand, prompts: 12 });
    expect(promptTokens).toBeGreaterThan(60);
    expect(promptTokens).toBeLessThanOrEqual(68);
  });

  test('a short prompt is soon over, in pauses like those of a burst', () => {
    const burst = pace().share({ ...demand, prompts: 12 });
    expect(pace().share({ ...demand, promptLength: 256 })).toEqual(burst);
    expect(pace().share({ ...demand, promptLength: 257 }).promptTokens).toBe(6);
  });

  test('on a disturbed machine a burst has smaller shares, so that its pause stays short', () => {
    expect(pace().share({ ...demand, prompts: 12, slowdown: 4 }).promptTokens).toBeLessThan(18);
  });

  test('a burst gets on also where the streams alone take as long as a pause', () => {
    expect(pace().share({ ...demand, streams: 80, prompts: 12 }).promptTokens).toBeGreaterThan(60);
  });

  test('streams and prompts share a batch where a second one would cost as much as the first', () => {
    const { promptTokens, mixed } = pace(sameForAll).share(demand);
    expect(mixed).toBe(true);
    expect(promptTokens).toBe(128);
  });

  test('deep in a long prompt, where each token looks back on much, a batch has fewer of them', () => {
    const learned = pace();
    for (let count = 0; count < 10; count += 1) learned.observe(16, 136, 2008);
    expect(learned.share({ ...demand, promptDepth: 2000 }).promptTokens).toBeLessThanOrEqual(3);
    expect(learned.share(demand).promptTokens).toBe(6);
  });

  test('on slow hardware a prompt still makes progress', () => {
    const slow = pace([
      [1, 1000],
      [8, 9000],
    ]);
    expect(slow.share({ ...demand, streams: 1, prompts: 3 }).promptTokens).toBeGreaterThanOrEqual(1);
  });

  test('follows times that change', () => {
    const learned = pace();
    for (let count = 0; count < 40; count += 1)
      for (const [tokens, ms] of processor) learned.observe(tokens, ms / 10, 0);
    expect(learned.share({ ...demand, prompts: 12 }).promptTokens).toBe(128);
  });

  test('one slow step, when something else had the machine, changes nothing', () => {
    const learned = pace();
    const before = learned.share({ ...demand, prompts: 12 }).promptTokens;
    learned.observe(32, 2000, 0);
    learned.observe(64, 4000, 0);
    expect(Math.abs(learned.share({ ...demand, prompts: 12 }).promptTokens - before)).toBeLessThan(3);
  });

  test('one slow step of streams that look back on much does not make the next prompt share a large one', () => {
    const learned = pace();
    for (let count = 0; count < 10; count += 1) learned.observe(4, 28, 900);
    const deep = { ...demand, streamDepth: 900, promptDepth: 3000 };
    const before = learned.share(deep);
    learned.observe(4, 260, 900);
    const after = learned.share(deep);
    expect(after.promptTokens).toBeLessThanOrEqual(before.promptTokens + 1);
    expect(after.mixed).toBe(before.mixed);
  });

  test('a tiled batch that was never measured is not taken for free of what it looks back on', () => {
    const learned = pace();
    for (let count = 0; count < 10; count += 1) learned.observe(4, 28, 900);
    // By their size alone 64 tokens take 188 ms, but they look back on 3,000 each, which in tiles takes another 140.
    expect(learned.share({ ...demand, prompts: 2, promptDepth: 3000 }).promptTokens).toBeLessThan(64);
    expect(learned.share({ ...demand, prompts: 2, promptDepth: 0 }).promptTokens).toBeGreaterThanOrEqual(64);
  });

  test('a machine that stays slow is believed', () => {
    const learned = pace();
    for (let count = 0; count < 200; count += 1)
      for (const [tokens, ms] of processor) learned.observe(tokens, ms * 4, 0);
    expect(learned.share({ ...demand, prompts: 12 }).promptTokens).toBeLessThan(18);
  });

  test('without any measurement it is careful', () => {
    expect(new Pace(128).share(demand).promptTokens).toBe(1);
  });
});
