import {
  type InfiniteData,
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
} from '@tanstack/react-query';
import { api, read } from '../../api/client.ts';
import type { paths } from '../../api/openapi.ts';
import type { Dimension, Measure, UsageSearch } from './search.ts';
import { mostSeries, type PeriodUsage, type UsageGroup, type UsageTotals } from './sums.ts';

const daySeconds = 86_400;
/** Reading this many takes little longer than the fifty that are shown first. */
const groupsAtOnce = 200;

type Summary =
  paths['/v1/organization/usage/summary']['get']['responses'][200]['content']['application/json'];

/** When a period of days and the one before it begin, in Unix seconds; today is the last day. */
export function periodOf(days: number, now = Date.now()): { before: number; start: number; end: number } {
  const end = (Math.floor(now / 1000 / daySeconds) + 1) * daySeconds;
  return { before: end - 2 * days * daySeconds, start: end - days * daySeconds, end };
}

/** What the API calls what usage is told by. */
export const fieldOf = { model: 'model', key: 'api_key_id', project: 'project_id' } as const;
const orderOf = {
  cost: 'amount_usd',
  machine: 'machine_usd',
  tokens: 'tokens',
  requests: 'num_model_requests',
} as const;

/** The filters of the address, as the API has them. */
export function filtersOf(search: UsageSearch) {
  return {
    'models[]': search.models,
    'api_key_ids[]': search.keys,
    'project_ids[]': search.projects,
  };
}

/** Begins to read what the page shows, before its code is there and drawn. */
export function prefetchUsage(client: QueryClient, search: UsageSearch): void {
  const { by = 'model', measure = 'cost' } = search;
  void client.prefetchInfiniteQuery(usageQuery(search, by, measure));
  void client.prefetchQuery(usageBeforeQuery(search));
}

/** What was used in a period: in all, by day, and by group as many pages as were asked for, the largest first. */
export function usageQuery(search: UsageSearch, by: Dimension, measure: Measure) {
  const { days = 30, models, keys, projects } = search;
  const { start, end } = periodOf(days);
  return infiniteQueryOptions({
    queryKey: ['usage', start, end, by, measure, models, keys, projects],
    placeholderData: keepPreviousData,
    initialPageParam: null,
    queryFn: async ({ pageParam }: { pageParam: string | null }) => {
      const summary = await read(
        api.GET('/v1/organization/usage/summary', {
          params: {
            query: {
              start_time: String(start),
              end_time: String(end),
              group_by: fieldOf[by],
              order_by: orderOf[measure],
              limit: String(groupsAtOnce),
              ...(pageParam === null ? { days_of: String(mostSeries) } : { page: pageParam }),
              ...filtersOf(search),
            },
          },
        }),
      );
      return { summary, by, measure };
    },
    getNextPageParam: ({ summary }) => summary.next_page,
    select: periodUsage,
  });
}

/** What was used in the period before, in all. */
export function usageBeforeQuery(search: UsageSearch) {
  const { days = 30, models, keys, projects } = search;
  const { before, start } = periodOf(days);
  return queryOptions({
    queryKey: ['usage-before', before, start, models, keys, projects],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const query = { start_time: String(before), end_time: String(start), ...filtersOf(search) };
      const summary = await read(api.GET('/v1/organization/usage/summary', { params: { query } }));
      return totalsOf(summary.total);
    },
  });
}

function periodUsage({
  pages,
}: InfiniteData<{ summary: Summary; by: Dimension; measure: Measure }>): PeriodUsage {
  const [first] = pages;
  if (first === undefined) throw new Error('a query that succeeded has a page');
  const { by, measure, summary } = first;
  const days = Array.from(
    { length: (summary.end_time - summary.start_time) / daySeconds },
    (_day, index) => summary.start_time + index * daySeconds,
  );
  // Where today's requests move a group from one page to another, it is on both.
  const groups = new Map<string, UsageGroup>();
  for (const each of pages.flatMap(({ summary: { data } }) => data)) {
    const id = each[fieldOf[by]] ?? '';
    if (!groups.has(id)) groups.set(id, groupOf(id, by, each));
  }
  return {
    by,
    measure,
    days,
    total: totalsOf(summary.total),
    byDay: byDayOf(summary.days),
    idle: summary.idle
      .map((each) => ({ deployment: each.deployment_id, usd: Number(each.idle_usd) }))
      .toSorted((one, other) => other.usd - one.usd),
    idleUsd: Number(summary.total.idle_usd),
    groups: [...groups.values()],
    groupCount: summary.total_count,
  };
}

function groupOf(id: string, by: Dimension, summed: Summary['data'][number]): UsageGroup {
  return {
    id,
    name: nameOf(id, by, summed),
    totals: totalsOf(summed),
    byDay: byDayOf(summed.days),
  };
}

/** A short form of the id of what is not there any more. */
export function nameOf(
  id: string,
  by: Dimension,
  { name, revoked_at: revoked }: Pick<Summary['data'][number], 'name' | 'revoked_at'>,
): string {
  if (by === 'model') return id;
  return name === null ? `${id.slice(0, 12)}…` : revoked === null ? name : `${name} (revoked)`;
}

function byDayOf(days: Summary['days']): Map<number, UsageTotals> {
  return new Map((days ?? []).map((day) => [day.start_time, totalsOf(day)]));
}

function totalsOf(summed: Omit<Summary['total'], 'idle_usd'>): UsageTotals {
  return {
    requests: summed.num_model_requests,
    inputTokens: summed.input_tokens,
    cachedTokens: summed.input_cached_tokens,
    outputTokens: summed.output_tokens,
    cost: Number(summed.amount_usd),
    machine: Number(summed.machine_usd),
  };
}
