let knownSecond = Number.NaN;
let knownText = '';

/** A time as `Date.prototype.toISOString` tells it, which takes a microsecond: here only its milliseconds are written anew each time. */
export function isoTime(unixMs: number): string {
  const second = Math.floor(unixMs / 1000);
  if (second !== knownSecond) {
    knownText = new Date(second * 1000).toISOString().slice(0, -'000Z'.length);
    knownSecond = second;
  }
  return `${knownText}${String(unixMs - second * 1000).padStart(3, '0')}Z`;
}

let knownPeriods = { day: '-', month: '-' };

/** The day and month that an ISO time is in, as in `2026-11-23` and `2026-11`; the same texts for all times of a day, which are found faster. */
export function periodsOf(time: string): { day: string; month: string } {
  if (!time.startsWith(knownPeriods.day)) knownPeriods = { day: time.slice(0, 10), month: time.slice(0, 7) };
  return knownPeriods;
}
