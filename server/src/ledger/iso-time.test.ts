import { expect, test } from 'vitest';
import { isoTime, periodsAt } from './iso-time.ts';

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

test('days and months begin and end in UTC, whichever was asked for last', () => {
  const times = [
    '2026-11-30T23:59:59.999Z',
    '2026-12-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '2028-02-29T12:00:00.000Z',
  ];
  for (const time of [...times, ...times.toReversed()])
    expect(periodsAt(Date.parse(time))).toMatchObject({ day: time.slice(0, 10), month: time.slice(0, 7) });
});
