import type { z } from 'zod';
import { invalidField, textSchema, timeSchema, wholeNumber } from './fields.ts';

const secondsOf = { '1m': 60, '1h': 3600, '1d': 86_400 } as const;

/** How wide the buckets of a usage query can be. */
export type BucketWidth = keyof typeof secondsOf;

/** How many buckets a page has, by their width. */
export type PageSizes = Partial<Record<BucketWidth, { usual: number; most: number }>>;

/** What every usage query has. */
export const bucketFields = {
  start_time: timeSchema,
  end_time: timeSchema.optional(),
  limit: wholeNumber(1, 1440).optional(),
  page: textSchema.optional(),
};

/** The buckets of one page, in Unix seconds; `end` is after the last. */
export interface BucketRange {
  width: BucketWidth;
  /** How wide a bucket is. */
  seconds: number;
  start: number;
  end: number;
  /** Cursor of the page after this, where there is more. */
  nextPage: string | null;
}

/**
 * The page of buckets that a query asks for. Buckets are whole minutes, hours or days (UTC): those that the range touches.
 * Throws ApiError for a reversed range, too large a page or a cursor that isn't this query's.
 */
export function bucketRange(
  query: z.output<ReturnType<typeof z.strictObject<typeof bucketFields>>>,
  width: BucketWidth,
  sizes: PageSizes,
  now = new Date(),
): BucketRange {
  const seconds = secondsOf[width];
  const size = sizes[width] ?? { usual: 1, most: 1 };
  const {
    start_time: start,
    end_time: end = Math.max(Math.floor(now.getTime() / 1000), start) + 1,
    limit,
  } = query;
  if (end <= start) throw invalidField('end_time', 'expected a time after start_time');
  if (limit !== undefined && limit > size.most)
    throw invalidField('limit', `expected a whole number from 1 to ${size.most}`);
  const first = Math.floor(start / seconds);
  const afterLast = Math.ceil(end / seconds);
  const from = query.page === undefined ? first : readCursor(query.page, seconds) / seconds;
  if (from < first || from >= afterLast) throw badCursor();
  const to = Math.min(afterLast, from + (limit ?? size.usual));
  return {
    width,
    seconds,
    start: from * seconds,
    end: to * seconds,
    nextPage: to < afterLast ? writeCursor(to * seconds) : null,
  };
}

/** The page that ends at this edge of a bucket, with the rest on the next. */
export function shortenedTo(range: BucketRange, end: number): BucketRange {
  return end === range.end ? range : { ...range, end, nextPage: writeCursor(end) };
}

/** Results by the start of their bucket, as OpenAI's page of buckets: empty ones are there too. */
export function bucketPage<Result>(range: BucketRange, results: Map<number, Result[]>) {
  const { seconds } = range;
  const count = (range.end - range.start) / seconds;
  return {
    object: 'page',
    data: Array.from({ length: count }, (_, index) => {
      const start = range.start + index * seconds;
      return {
        object: 'bucket',
        start_time: start,
        end_time: start + seconds,
        results: results.get(start) ?? [],
      };
    }),
    has_more: range.nextPage !== null,
    next_page: range.nextPage,
  };
}

function writeCursor(start: number): string {
  return `page_${Buffer.from(String(start)).toString('base64url')}`;
}

function readCursor(cursor: string, seconds: number): number {
  const text = Buffer.from(cursor.replace(/^page_/, ''), 'base64url').toString();
  const start = /^\d{1,12}$/.test(text) ? Number(text) : NaN;
  if (writeCursor(start) !== cursor || start % seconds !== 0) throw badCursor();
  return start;
}

function badCursor(): Error {
  return invalidField('page', 'expected the next_page of an answer to this same query');
}
