import { keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';
import { api, read } from '../../api/client.ts';
import type { Dimension, UsageSearch } from './search.ts';
import { type IdleRow, totalsOf, type UsageRow } from './sums.ts';

const daySeconds = 86_400;
/** So many days are read at once: the API gives at most 31, and of hundreds of keys in more than a page. */
const daysAtOnce = { key: 15, other: 30 };
/** Days that are over hardly change: who looks at 30 days, then at 90, reads the other 60. */
const pastStaleMs = 60_000;

/** The days of a period and of the one before it, in Unix seconds; today is the last. */
export function periodOf(days: number, now = Date.now()): { before: number[]; days: number[] } {
  const today = Math.floor(now / 1000 / daySeconds) * daySeconds;
  const all = Array.from({ length: 2 * days }, (_day, index) => today - (2 * days - 1 - index) * daySeconds);
  return { before: all.slice(0, days), days: all.slice(days) };
}

const fields = { model: 'model', key: 'api_key_id', project: 'project_id' } as const;

/** What was used; and what of the machines' time nobody used, where all of it is looked at and may be seen. */
export interface Usage {
  days: readonly number[];
  rows: UsageRow[];
  idle: IdleRow[];
}

/** What was used in a period, by day and group. */
export function usageQuery(search: UsageSearch, by: Dimension) {
  const { days } = periodOf(search.days ?? 30);
  return queryOptions({
    queryKey: ['usage', days[0], days.length, by, search.models, search.keys, search.projects],
    placeholderData: keepPreviousData,
    queryFn: ({ client }) => readDays(client, search, by, days),
  });
}

/**
 * What was used in the period before, in sum: with hundreds of keys its groups would be as many rows again, which nothing
 * shows.
 */
export function usageBeforeQuery(search: UsageSearch) {
  const { before } = periodOf(search.days ?? 30);
  return queryOptions({
    queryKey: ['usage-before', before[0], before.length, search.models, search.keys, search.projects],
    placeholderData: keepPreviousData,
    queryFn: async ({ client }) => totalsOf((await readDays(client, search, null, before)).rows),
  });
}

/** Days in a row, in parts that the API gives at once. */
async function readDays(
  client: QueryClient,
  search: UsageSearch,
  by: Dimension | null,
  days: readonly number[],
): Promise<Usage> {
  const [first = 0] = days;
  const atOnce = by === 'key' ? daysAtOnce.key : daysAtOnce.other;
  const ends = days
    .map((_day, index) => first + (days.length - index) * daySeconds)
    .filter((_end, index) => index % atOnce === 0);
  const parts = await Promise.all(
    ends.map((end) => {
      const start = Math.max(first, end - atOnce * daySeconds);
      return client.fetchQuery({
        queryKey: ['usage-part', start, end, by, search.models, search.keys, search.projects],
        queryFn: () => readPart(search, by, start, end),
        staleTime: end * 1000 < Date.now() ? pastStaleMs : 0,
        // Thousands of rows may be in it.
        structuralSharing: false,
      });
    }),
  );
  return { days, rows: parts.flatMap(({ rows }) => rows), idle: parts.flatMap(({ idle }) => idle) };
}

/** The buckets of all pages: the API ends a page early where there are thousands of groups. */
async function allBuckets<Bucket>(
  readPage: (page: { page?: string }) => Promise<{ data: Bucket[]; next_page: string | null }>,
): Promise<Bucket[]> {
  const buckets: Bucket[] = [];
  let page: string | null = null;
  do {
    const answer = await readPage(page === null ? {} : { page });
    buckets.push(...answer.data);
    page = answer.next_page;
  } while (page !== null);
  return buckets;
}

async function readPart(
  search: UsageSearch,
  by: Dimension | null,
  start: number,
  end: number,
): Promise<Omit<Usage, 'days'>> {
  const filters = {
    start_time: String(start),
    end_time: String(end),
    limit: String((end - start) / daySeconds),
    bucket_width: '1d',
    'models[]': search.models,
    'api_key_ids[]': search.keys,
    'project_ids[]': search.projects,
  };
  const [usage, costs] = await Promise.all([
    allBuckets((page) =>
      read(
        api.GET('/v1/organization/usage/completions', {
          params: { query: { ...filters, ...page, ...(by !== null && { 'group_by[]': [fields[by]] }) } },
        }),
      ),
    ),
    allBuckets((page) =>
      read(
        api.GET('/v1/organization/costs', {
          params: {
            query: {
              ...filters,
              ...page,
              ...(by !== null && { 'group_by[]': [by === 'model' ? 'line_item' : fields[by]] }),
            },
          },
        }),
      ),
    ),
  ]);
  const money = new Map(
    costs.flatMap(({ start_time: day, results }) =>
      results.map((result) => [
        `${day} ${(by === null ? null : by === 'model' ? result.line_item : result[fields[by]]) ?? ''}`,
        result.weai,
      ]),
    ),
  );
  const rows = usage.flatMap(({ start_time: day, results }) =>
    results.map((result) => {
      const group = by === null ? '' : (result[fields[by]] ?? '');
      const cost = money.get(`${day} ${group}`);
      return {
        day,
        group,
        requests: result.num_model_requests,
        inputTokens: result.input_tokens,
        cachedTokens: result.input_cached_tokens,
        outputTokens: result.output_tokens,
        cost: Number(cost?.amount_usd ?? 0),
        machine: Number(cost?.machine_usd ?? 0),
      };
    }),
  );
  // Time is nobody's: the API has it among the costs, and none of a filter's.
  const filtered = [search.models, search.keys, search.projects].some((list) => list !== undefined);
  const idle = costs.flatMap(({ start_time: day, results }) =>
    results.flatMap(({ line_item: item, weai }) => {
      const usd = Number(weai.idle_usd);
      return usd === 0 || filtered ? [] : [{ day, deployment: item?.replace(/^idle /, '') ?? null, usd }];
    }),
  );
  return { rows, idle };
}
