import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '../../api/client.ts';
import type { Dimension, UsageSearch } from './search.ts';
import { type IdleRow, totalsOf, type UsageRow } from './sums.ts';

const daySeconds = 86_400;
/** The most days that the API gives at once. */
const daysAtOnce = 31;

/** The days of a period and of the one before it, in Unix seconds; today is the last. */
export function periodOf(days: number, now = Date.now()): { before: number[]; days: number[] } {
  const today = Math.floor(now / 1000 / daySeconds) * daySeconds;
  const all = Array.from({ length: 2 * days }, (_day, index) => today - (2 * days - 1 - index) * daySeconds);
  return { before: all.slice(0, days), days: all.slice(days) };
}

const fields = { model: 'model', key: 'api_key_id', project: 'project_id' } as const;

/** What was used; and what of the machines' time nobody used, where all of it is looked at and may be seen. */
export interface Usage {
  rows: UsageRow[];
  idle: IdleRow[];
}

/** What was used in a period, by day and group. */
export function usageQuery(search: UsageSearch, by: Dimension) {
  const { days } = periodOf(search.days ?? 30);
  return queryOptions({
    queryKey: ['usage', days[0], days.length, by, search.models, search.keys, search.projects],
    placeholderData: keepPreviousData,
    queryFn: () => readDays(search, by, days),
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
    queryFn: async () => totalsOf((await readDays(search, null, before)).rows),
  });
}

/** Days in a row, as many at once as the API gives. */
async function readDays(search: UsageSearch, by: Dimension | null, days: readonly number[]): Promise<Usage> {
  const [first = 0] = days;
  const end = first + days.length * daySeconds;
  const starts = days.filter((_day, index) => index % daysAtOnce === 0);
  const parts = await Promise.all(
    starts.map((start) => readPart(search, by, start, Math.min(end, start + daysAtOnce * daySeconds))),
  );
  return { rows: parts.flatMap(({ rows }) => rows), idle: parts.flatMap(({ idle }) => idle) };
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
): Promise<Usage> {
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
