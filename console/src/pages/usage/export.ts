import { api, read } from '../../api/client.ts';
import { csvOf } from './csv.ts';
import { fieldOf, filtersOf, nameOf, periodOf } from './queries.ts';
import type { Dimension, UsageSearch } from './search.ts';

/** All that was used in a period, by day and group, as a table for spreadsheets. */
export async function readCsv(search: UsageSearch, by: Dimension): Promise<string> {
  const { start, end } = periodOf(search.days ?? 30);
  const query = { start_time: String(start), end_time: String(end), ...filtersOf(search) };
  const byDay = { ...query, limit: '31', bucket_width: '1d' };
  const [usage, costs, names] = await Promise.all([
    everyPage((page) =>
      read(
        api.GET('/v1/organization/usage/completions', {
          params: { query: { ...byDay, ...page, 'group_by[]': [fieldOf[by]] } },
        }),
      ),
    ),
    everyPage((page) =>
      read(
        api.GET('/v1/organization/costs', {
          params: {
            query: { ...byDay, ...page, 'group_by[]': [by === 'model' ? 'line_item' : fieldOf[by]] },
          },
        }),
      ),
    ),
    everyPage((page) =>
      read(
        api.GET('/v1/organization/usage/summary', {
          params: { query: { ...query, ...page, group_by: fieldOf[by], limit: '1000' } },
        }),
      ),
    ),
  ]);
  const money = new Map(
    costs.flatMap(({ start_time: day, results }) =>
      results.map((result) => [
        `${day} ${(by === 'model' ? result.line_item : result[fieldOf[by]]) ?? ''}`,
        result.weai,
      ]),
    ),
  );
  const rows = usage.flatMap(({ start_time: day, results }) =>
    results.map((result) => {
      const group = result[fieldOf[by]] ?? '';
      const cost = money.get(`${day} ${group}`);
      return {
        day,
        group,
        requests: result.num_model_requests,
        inputTokens: result.input_tokens,
        cachedTokens: result.input_cached_tokens,
        outputTokens: result.output_tokens,
        costUsd: cost?.amount_usd ?? '0.00',
        machineUsd: cost?.machine_usd ?? '0.00',
      };
    }),
  );
  // Time is nobody's: the API has it among the costs, and none of a filter's.
  const filtered = [search.models, search.keys, search.projects].some((list) => list !== undefined);
  const idle = costs.flatMap(({ start_time: day, results }) =>
    results.flatMap(({ line_item: item, weai: { idle_usd: usd } }) =>
      Number(usd) === 0 || filtered ? [] : [{ day, deployment: item?.replace(/^idle /, '') ?? null, usd }],
    ),
  );
  const nameById = new Map(
    names.map((each) => {
      const id = each[fieldOf[by]] ?? '';
      return [id, nameOf(id, by, each)];
    }),
  );
  return csvOf({ rows, idle }, by, (group) => nameById.get(group) ?? group);
}

/** The items of all pages: the API ends a page early where there are thousands of groups. */
async function everyPage<Item>(
  readPage: (page: { page?: string }) => Promise<{ data: Item[]; next_page: string | null }>,
): Promise<Item[]> {
  const items: Item[] = [];
  let page: string | null = null;
  do {
    const answer = await readPage(page === null ? {} : { page });
    items.push(...answer.data);
    page = answer.next_page;
  } while (page !== null);
  return items;
}
