import fc from 'fast-check';
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

test('has the sum of the seconds that are inside, whatever was added when', () => {
  const step = fc.record({
    aheadMs: fc.oneof(fc.nat(900), fc.nat(70_000), fc.nat(1_000_000)),
    agoMs: fc.oneof(fc.nat(2000), fc.nat(90_000)),
    amount: fc.integer({ min: -50, max: 100 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const window = new MinuteWindow();
      const added: { slot: number; amount: number }[] = [];
      let nowMs = 0;
      for (const { aheadMs, agoMs, amount } of steps) {
        nowMs += aheadMs;
        const oldest = Math.floor(nowMs / 1000) - 61;
        const slot = Math.floor((nowMs - agoMs) / 1000);
        expect(window.add(amount, nowMs - agoMs, nowMs)).toBe(slot > oldest);
        added.push({ slot, amount });
        const inside = added.filter((each) => each.slot > oldest);
        const sum = inside.reduce((total, each) => total + each.amount, 0);
        expect(window.sum(nowMs)).toBe(sum);
        const most = Math.floor(sum / 2);
        if (most === 0 || inside.some((each) => each.amount < 0)) continue;
        const slots = inside.map((each) => each.slot).toSorted((a, b) => a - b);
        const after = (last: number) =>
          inside.reduce((rest, each) => rest + (each.slot > last ? each.amount : 0), 0);
        const leaving = slots.find((last) => after(last) <= most) ?? Number.NaN;
        expect(window.waitMs(most, nowMs)).toBe((leaving + 61) * 1000 - nowMs);
      }
    }),
  );
});
