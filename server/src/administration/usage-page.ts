import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import { type BucketRange, shortenedTo } from './buckets.ts';
import { sumUsage, type UsageQuery, type UsageSum } from './usage.ts';

/** About how many results a page has at most: their number, not the ledger's size, is what a page takes its time for. */
export const mostResults = 5000;

/**
 * The sums of a page and the range that it really has: as many whole buckets as stay near `most` results, and always one.
 * Groups can be any number (10,000 keys, say), so a limit of buckets alone doesn't bound a page.
 */
export async function sumUsagePage(
  kysely: Kysely<Tables>,
  range: BucketRange,
  query: Omit<UsageQuery, 'width' | 'start' | 'end'>,
  most = mostResults,
): Promise<{ range: BucketRange; sums: UsageSum[] }> {
  const { width, start, end, seconds } = range;
  // A bucket without groups has one result: all of them are one query.
  let buckets = query.groupBy.length === 0 ? (end - start) / seconds : 1;
  const sums: UsageSum[] = [];
  let from = start;
  while (from < end && buckets >= 1) {
    const to = Math.min(end, from + buckets * seconds);
    for (const sum of await sumUsage(kysely, { ...query, width, start: from, end: to })) sums.push(sum);
    from = to;
    const read = (from - start) / seconds;
    // As many as fit if they are like those before; no more than four times those, since they may not be.
    buckets = Math.min(4 * read, Math.floor(((most - sums.length) * read) / Math.max(1, sums.length)));
  }
  return { range: shortenedTo(range, from), sums };
}
