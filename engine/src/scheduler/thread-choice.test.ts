import { describe, expect, test } from 'vitest';
import { ThreadChoice } from './thread-choice.ts';

/** A batch of one token on a quiet machine. */
const quietMs = 10;

/** What a machine does to a batch, in times of `quietMs`, and how many of its processors are idle meanwhile. */
interface Machine {
  all: number;
  half: number;
  idle: number;
}

const quiet: Machine = { all: 1.3, half: 1.9, idle: 1 };
const busy: Machine = { all: 4.2, half: 1.5, idle: 0.1 };

/** A choice of two threads on a machine that changes. */
class Run {
  machine = quiet;
  readonly choice = new ThreadChoice(2, () => this.machine.idle);

  /** @returns how many of so many batches half of the threads computed. */
  batches(count: number, machine: Machine): number {
    this.machine = machine;
    let reduced = 0;
    for (let batch = 0; batch < count; batch += 1) {
      if (this.choice.threads === 1) reduced += 1;
      this.choice.observe(quietMs * (this.choice.threads === 2 ? machine.all : machine.half), quietMs);
    }
    return reduced;
  }
}

describe('ThreadChoice', () => {
  test('a quiet machine computes with all threads, always', () => {
    expect(new Run().batches(1000, quiet)).toBe(0);
  });

  test('beside another busy process half of the threads compute nearly all batches', () => {
    const run = new Run();
    expect(run.batches(500, busy)).toBeGreaterThan(490);
    expect(run.choice.threads).toBe(1);
    expect(run.choice.slowdown).toBeCloseTo(1.5, 1);
  });

  test('one batch that took seconds is enough', () => {
    const run = new Run();
    run.batches(20, quiet);
    expect(run.batches(2, { ...busy, all: 80 })).toBe(1);
  });

  test('all threads compute again within a quarter of a second after the other process has ended', () => {
    const run = new Run();
    run.batches(60, busy);
    expect(run.batches(100, quiet)).toBeLessThan(20);
    expect(run.choice.threads).toBe(2);
  });

  test('where all are slow though processors are idle, half are tried for longer and longer', () => {
    const run = new Run();
    const slow = { all: 4.2, half: 1.5, idle: 0.9 };
    run.batches(2000, slow);
    const tries = 2000 - run.batches(2000, slow);
    expect(tries).toBeLessThan(40);
  });

  test('one stall of a few batches changes nothing', () => {
    const run = new Run();
    run.batches(20, quiet);
    run.choice.observe(25, quietMs);
    expect(run.batches(20, quiet)).toBe(0);
  });

  test('one thread stays one thread', () => {
    const single = new ThreadChoice(1, () => 0);
    for (let batch = 0; batch < 50; batch += 1) single.observe(90, quietMs);
    expect(single.threads).toBe(1);
  });

  test('without a known time there is nothing to learn', () => {
    const { choice } = new Run();
    for (let batch = 0; batch < 50; batch += 1) choice.observe(100, 0);
    expect(choice.threads).toBe(2);
  });
});
