import { expect, test } from 'vitest';
import { EngineTime } from './engine-time.ts';

test('what runs at the same time shares the time: the shares add up to the busy time', () => {
  let nowMs = 0;
  const time = new EngineTime(() => nowMs);
  const first = time.begin('a');
  nowMs = 1000;
  const second = time.begin('a');
  const elsewhere = time.begin('b');
  nowMs = 3000;
  expect(first.end()).toBe(2);
  nowMs = 4000;
  expect(second.end()).toBe(2);
  expect(elsewhere.end()).toBe(3);
  nowMs = 9000;
  expect([first.end(), second.seconds()]).toEqual([2, 2]);
  const later = time.begin('a');
  nowMs = 9500;
  expect(later.end()).toBe(0.5);
});
