import { expect, test } from 'vitest';
import { isoTime } from './iso-time.ts';

test('tells times as a Date does, also when the clock goes back', () => {
  const midnight = Date.UTC(2026, 11, 1);
  for (const ms of [
    midnight - 1,
    midnight,
    midnight + 7,
    midnight + 999,
    midnight + 1000,
    midnight - 86_400_001,
    -1,
  ]) {
    expect(isoTime(ms)).toBe(new Date(ms).toISOString());
  }
});
