import { days, start } from './usage-ledger.testing.ts';

const daySeconds = 86_400;
/** What the first pages begin with: a week in. */
const week = start + 7 * daySeconds;

/** Requests that are sent at once, and whether the pages after the first are read too. */
export interface Screen {
  name: string;
  starts: readonly string[];
  allPages: boolean;
}

const groups = [
  [],
  ['model'],
  ['project_id'],
  ['user_id'],
  ['api_key_id'],
  ['project_id', 'model'],
  ['project_id', 'user_id', 'api_key_id', 'model'],
];

/** Filters, and what their results are grouped by. */
const filters: [string, Record<string, string[]>, string[]][] = [
  ['a model', { models: ['model-7'] }, []],
  ['two models', { models: ['model-0', 'model-7'] }, ['model']],
  ['a model', { models: ['model-7'] }, ['api_key_id']],
  ['a project', { project_ids: ['proj-7'] }, []],
  ['a project', { project_ids: ['proj-7'] }, ['api_key_id']],
  ['ten projects', { project_ids: ids('proj', 10) }, ['project_id', 'model']],
  ['a key', { api_key_ids: ['key-7'] }, []],
  ['20 keys', { api_key_ids: ids('key', 20) }, ['api_key_id']],
  ['200 keys', { api_key_ids: ids('key', 200) }, ['model']],
  ['a key of another project', { api_key_ids: ['key-7'], project_ids: ['proj-8'] }, []],
  ['a key and a model', { api_key_ids: ['key-7'], models: ['model-1'] }, []],
  ['three users', { user_ids: ids('user', 3) }, ['user_id']],
  ['a user and a model', { user_ids: ['user-7'], models: ['model-0'] }, ['project_id']],
];

/** First pages of every width: by every group, and the widest with every filter. */
export function usagePages(): Screen[] {
  const widths = [
    ['days', '1d', 7],
    ['days', '1d', 31],
    ['hours', '1h', 24],
    ['hours', '1h', 168],
    ['minutes', '1m', 60],
    ['minutes', '1m', 1440],
  ] as const;
  const usage = widths.flatMap(([unit, width, limit]) => {
    // A month is all of the ledger; the minutes begin where the day's most are.
    const from = limit === 31 ? start : limit === 60 ? week + daySeconds / 2 : week;
    const query = { start_time: String(from), bucket_width: width, limit: String(limit) };
    const path = '/usage/completions';
    return [
      ...groups.map((groupBy) => page(`${limit} ${unit}`, path, query, {}, groupBy)),
      ...(limit === 7 || limit === 24 || limit === 60
        ? []
        : filters.map(([name, filter, groupBy]) =>
            page(`${limit} ${unit}, ${name}`, path, query, filter, groupBy),
          )),
    ];
  });
  const costs = [31, 180].flatMap((limit) => {
    const query = { start_time: String(start + (days - limit) * daySeconds), limit: String(limit) };
    const path = '/costs';
    return [
      page(`costs, ${limit} days`, path, query, {}, []),
      page(`costs, ${limit} days`, path, query, {}, ['line_item']),
      page(`costs, ${limit} days`, path, query, {}, ['project_id']),
      page(`costs, ${limit} days`, path, query, {}, ['api_key_id']),
      page(`costs, ${limit} days`, path, query, {}, ['project_id', 'line_item', 'api_key_id']),
      page(`costs, ${limit} days, a project`, path, query, { project_ids: ['proj-7'] }, ['line_item']),
      page(`costs, ${limit} days, a key`, path, query, { api_key_ids: ['key-7'] }, []),
    ];
  });
  return [...usage, ...costs];
}

/** What the console's page asks for at once (console/src/pages/usage/queries.ts): a period, and the one before in all. */
export function consoleScreens(): Screen[] {
  const end = start + days * daySeconds;
  return [7, 30, 90].flatMap((period) =>
    (['model', 'api_key_id', 'project_id'] as const).map((groupBy) => {
      const summary = (from: number, to: number, rest: Record<string, string>) =>
        url('/usage/summary', { start_time: String(from), end_time: String(to), ...rest }, {}, []);
      const first = end - period * daySeconds;
      const starts = [
        summary(first, end, { group_by: groupBy, days_of: '6' }),
        summary(first - period * daySeconds, first, {}),
      ];
      return { name: `${period} days by ${groupBy}`, starts, allPages: false };
    }),
  );
}

function page(
  name: string,
  path: string,
  query: Record<string, string>,
  filter: Record<string, string[]>,
  groupBy: readonly string[],
): Screen {
  const starts = [url(path, { ...query, end_time: String(start + days * daySeconds) }, filter, groupBy)];
  return { name: groupBy.length === 0 ? name : `${name} by ${groupBy.join(', ')}`, starts, allPages: false };
}

function url(
  path: string,
  query: Record<string, string>,
  filter: Record<string, string[]>,
  groupBy: readonly string[],
): string {
  const lists = Object.entries({ ...filter, group_by: groupBy });
  const fields = lists.flatMap(([name, list]) => list.map((value): [string, string] => [`${name}[]`, value]));
  return `${path}?${new URLSearchParams([...Object.entries(query), ...fields]).toString()}`;
}

function ids(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${kind}-${index}`);
}
