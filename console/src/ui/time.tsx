const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const date = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long', hourCycle: 'h23' });

const units = [
  ['minute', 60],
  ['hour', 3600],
  ['day', 86_400],
] as const;

/** "just now", "5 min. ago", "yesterday", and the date after a month. */
export function formatAgo(seconds: number, nowSeconds = Date.now() / 1000): string {
  const past = seconds - nowSeconds;
  const age = Math.abs(past);
  if (age < 60) return 'just now';
  if (age > 30 * 86_400) return date.format(seconds * 1000);
  const [unit, size] = units.findLast(([, size]) => age >= size) ?? units[0];
  return relative.format(Math.round(past / size), unit);
}

/** Whether a moment is over. @param seconds Unix time */
export function isPast(seconds: number, nowSeconds = Date.now() / 1000): boolean {
  return seconds < nowSeconds;
}

/** "Nov 24, 2026, 15:50:12 UTC". */
export function formatExactTime(seconds: number): string {
  return exact.format(seconds * 1000);
}

/** A moment as people say it; the exact one on hover. @param seconds Unix time */
export function Ago({ seconds }: { seconds: number }) {
  return (
    <time
      dateTime={new Date(seconds * 1000).toISOString()}
      title={formatExactTime(seconds)}
      className="whitespace-nowrap"
    >
      {formatAgo(seconds)}
    </time>
  );
}
