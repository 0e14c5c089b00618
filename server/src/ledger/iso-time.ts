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
