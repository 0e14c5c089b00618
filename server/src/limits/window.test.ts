import { expect, test } from 'vitest';
import { MinuteWindow } from './window.ts';

test('never lets more than the limit through in any 60 seconds, and is empty soon after', () => {
  const window = new MinuteWindow();
  const passed: number[] = [];
  for (let nowMs = 0; nowMs < 400_000; nowMs += 37) {
    if (window.sum(nowMs) >= 10) continue;
    window.add(1, nowMs, nowMs);
    passed.push(nowMs);
  }
  for (const [index, atMs] of passed.entries()) {
    const later = passed[index + 10] ?? Infinity;
    expect(later - atMs, `10 requests after ${atMs}`).toBeGreaterThanOrEqual(60_000);
  }
  expect(passed.length).toBeGreaterThanOrEqual(65);
});

test('says when room comes, and there is room then', () => {
  const window = new MinuteWindow();
  window.add(3, 500, 500);
  window.add(4, 2500, 2500);
  const waitMs = window.waitMs(4, 3000);
  expect(window.sum(3000 + waitMs - 1)).toBe(7);
  expect(window.sum(3000 + waitMs)).toBe(4);
  expect(window.waitMs(7, 3000)).toBe(0);
});

test('corrects a slot that is still inside, and says when it is not', () => {
  const window = new MinuteWindow();
  window.add(100, 1000, 1000);
  expect(window.add(-90, 1000, 30_000)).toBe(true);
  expect(window.sum(30_000)).toBe(10);
  expect(window.add(5, 1000, 90_000)).toBe(false);
  expect(window.sum(90_000)).toBe(0);
});
