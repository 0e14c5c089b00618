import { describe, expect, test } from 'vitest';
import { Pace } from './pace.ts';

/** Milliseconds by batch size as measured on one AVX-512 machine with two threads. */
const measured: [tokens: number, ms: number][] = [
  [1, 10.6],
  [2, 15.8],
  [4, 22.5],
  [8, 30.4],
  [12, 65.9],
  [16, 86.4],
  [32, 141.8],
  [64, 289.6],
  [128, 504.6],
];

function pace(): Pace {
  const learned = new Pace();
  for (const [tokens, ms] of measured) learned.observe(tokens, ms);
  return learned;
}

describe('Pace', () => {
  test('prompts alone fill an efficient batch', () => {
    expect(pace().promptTokens(0, 4, 512)).toBe(128);
    expect(pace().promptTokens(0, 1, 60)).toBe(60);
  });

  test('one prompt beside four streams keeps their pause under three token times and avoids the dear sizes', () => {
    expect(pace().promptTokens(4, 1, 508)).toBe(4);
  });

  test('a burst of prompts may use a longer step, below what people see as a stall', () => {
    const tokens = pace().promptTokens(4, 12, 508);
    expect(tokens).toBeGreaterThan(25);
    expect(tokens).toBeLessThan(40);
  });

  test('on slow hardware a prompt still makes progress', () => {
    const slow = new Pace();
    slow.observe(1, 1000);
    slow.observe(8, 9000);
    expect(slow.promptTokens(1, 3, 500)).toBeGreaterThanOrEqual(1);
  });

  test('follows times that change', () => {
    const learned = pace();
    for (let count = 0; count < 40; count += 1)
      for (const [tokens, ms] of measured) learned.observe(tokens, ms / 10);
    expect(learned.promptTokens(4, 12, 508)).toBe(128);
  });

  test('one slow step, when something else had the machine, changes nothing', () => {
    const learned = pace();
    const before = learned.promptTokens(4, 12, 508);
    learned.observe(32, 2000);
    learned.observe(64, 4000);
    expect(Math.abs(learned.promptTokens(4, 12, 508) - before)).toBeLessThan(3);
  });

  test('a machine that stays slow is believed', () => {
    const learned = pace();
    for (let count = 0; count < 200; count += 1)
      for (const [tokens, ms] of measured) learned.observe(tokens, ms * 3);
    expect(learned.promptTokens(4, 12, 508)).toBeLessThan(16);
  });

  test('without any measurement it is careful', () => {
    expect(new Pace().promptTokens(4, 1, 508)).toBe(1);
  });
});
