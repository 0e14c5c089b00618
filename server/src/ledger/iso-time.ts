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

/** The day and the month (UTC) that a time is in, as in `2026-11-23` and `2026-11`. */
interface Periods {
  day: string;
  month: string;
}

const dayMs = 86_400_000;
let known: Periods & { dayNumber: number } = { day: 'none yet', month: '', dayNumber: Number.NaN };

/** The periods of a time: the same texts all day, which look-ups compare at a glance. */
export function periodsAt(unixMs: number): Periods {
  const dayNumber = Math.floor(unixMs / dayMs);
  return dayNumber === known.dayNumber ? known : periodsOf(isoTime(unixMs));
}

/** The same of an ISO time. */
export function periodsOf(time: string): Periods {
  if (!time.startsWith(known.day)) {
    known = {
      day: time.slice(0, 10),
      month: time.slice(0, 7),
      dayNumber: Math.floor(Date.parse(time) / dayMs),
    };
  }
  return known;
}
