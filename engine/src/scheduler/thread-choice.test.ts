import { describe, expect, test } from 'vitest';
import { ThreadChoice } from './thread-choice.ts';

/** Runs batches on a machine where all threads and half of them are so many times as slow as all on a quiet one. */
function run(choice: ThreadChoice, steps: number, all: number, half: number): number {
  let reduced = 0;
  for (let step = 0; step < steps; step += 1) {
    if (!choice.usesAll) reduced += 1;
    choice.observe(choice.usesAll ? all : half);
  }
  return reduced;
}

describe('ThreadChoice', () => {
  test('a quiet machine computes with all threads, always', () => {
    expect(run(new ThreadChoice(2), 1000, 1.3, 1.9)).toBe(0);
  });

  test('beside another busy process half of the threads compute nearly all batches', () => {
    const choice = new ThreadChoice(2);
    expect(run(choice, 500, 4.2, 1.5)).toBeGreaterThan(450);
    expect(choice.threads).toBe(1);
    expect(choice.slowdown).toBeCloseTo(1.5, 1);
  });

  test('all threads compute again soon after the other process has ended', () => {
    const choice = new ThreadChoice(8);
    run(choice, 60, 4.2, 1.5);
    expect(choice.threads).toBe(4);
    expect(run(choice, 300, 1, 1.9)).toBeLessThan(130);
    expect(choice.threads).toBe(8);
  });

  test('where half of the threads are no faster, all go on', () => {
    const choice = new ThreadChoice(2);
    expect(run(choice, 1000, 3, 4.5)).toBeLessThan(100);
  });

  test('one stall changes nothing, and one thread stays one thread', () => {
    const choice = new ThreadChoice(2);
    run(choice, 20, 1, 1.9);
    choice.observe(3);
    expect(run(choice, 20, 1, 1.9)).toBe(0);
    const single = new ThreadChoice(1);
    run(single, 50, 9, 9);
    expect(single.threads).toBe(1);
  });

  test('without a known time there is nothing to learn', () => {
    const choice = new ThreadChoice(2);
    for (let step = 0; step < 50; step += 1) choice.observe(Number.POSITIVE_INFINITY);
    expect(choice.threads).toBe(2);
  });
});
