import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import { type BucketRange, shortenedTo } from './buckets.ts';
import { sumUsage, type UsageQuery, type UsageSum } from './usage.ts';

/** How many results a page has at most, where a bucket alone has no more: their number is what a page takes its time for. */
const mostResults = 5000;

/**
 * The sums of a page and the range that it really has: as many whole buckets as have `most` results, and always one.
 * Groups can be any number (10,000 keys, say), so a limit of buckets alone doesn't bound a page.
 */
export async function sumUsagePage(
  kysely: Kysely<Tables>,
  range: BucketRange,
  filter: Omit<UsageQuery, 'width' | 'start' | 'end'>,
  most = mostResults,
): Promise<{ range: BucketRange; sums: UsageSum[] }> {
  const { width, start, end, seconds } = range;
  const query = { ...filter, width, start, end };
  const sums = await sumUsage(kysely, query, most + 1);
  const last = sums.at(-1);
  if (last === undefined || sums.length <= most) return { range, sums };
  const whole = sums.filter(({ bucket }) => bucket < last.bucket);
  if (whole.length > 0) return { range: shortenedTo(range, last.bucket), sums: whole };
  const afterLast = last.bucket + seconds;
  return {
    range: shortenedTo(range, afterLast),
    sums: await sumUsage(kysely, { ...query, start: last.bucket, end: afterLast }),
  };
}
