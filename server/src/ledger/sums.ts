import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Tables } from '../db/tables.ts';

/** A table of sums of the ledger. Its columns are those of `groupedRows`. */
export interface SumTable {
  name: 'ledger_hours' | 'ledger_days' | 'project_hours' | 'project_days';
  /** What its rows are told apart by. */
  dimensions: readonly Dimension[];
  sums: readonly Sum[];
}

type Dimension = 'hour' | 'day' | 'organization_id' | 'project_id' | 'key_id' | 'user_id' | 'model';
type Sum = keyof typeof sumsOfRows;

const sumsOfRows = {
  requests: sql`count(*)`,
  prompt_tokens: sql`sum(prompt_tokens)`,
  cached_tokens: sql`sum(cached_tokens)`,
  completion_tokens: sql`sum(completion_tokens)`,
  reasoning_tokens: sql`sum(reasoning_tokens)`,
  cost: sql`sum(cost)`,
  machine_cost: sql`sum(machine_cost)`,
  engine_seconds: sql`sum(engine_seconds)`,
};

const counts = ['requests', 'prompt_tokens', 'cached_tokens', 'completion_tokens'] as const;
const costs = ['cost', 'machine_cost'] as const;

/** What usage queries read. They grow in the statement that inserts the rows. */
export const sumTables: readonly SumTable[] = [
  {
    name: 'ledger_hours',
    dimensions: ['organization_id', 'hour', 'project_id', 'key_id', 'model'],
    sums: counts,
  },
  {
    name: 'ledger_days',
    dimensions: ['day', 'organization_id', 'project_id', 'key_id', 'model'],
    sums: [...counts, 'reasoning_tokens', ...costs, 'engine_seconds'],
  },
  {
    name: 'project_hours',
    dimensions: ['organization_id', 'hour', 'project_id', 'user_id', 'model'],
    sums: counts,
  },
  {
    name: 'project_days',
    dimensions: ['organization_id', 'day', 'project_id', 'user_id', 'model'],
    sums: [...counts, ...costs],
  },
];

/** The user of a row's session, or null: what a session uses is metered under its user's id where a key has its own. */
export const sessionUser = sql`case when key_id like 'user-%' then key_id end`;

/** Whether an id is one that sessions are metered under. */
export function isUser(id: string): boolean {
  return id.startsWith('user-');
}

const grouping = ['organization_id', 'project_id', 'key_id', 'model', 'deployment_id'] as const;

/** The columns of the ledger that groups are made of. */
export const groupedColumns = sql.join(
  ['started_at', ...grouping, ...Object.keys(sumsOfRows).filter((name) => name !== 'requests')].map((name) =>
    sql.ref(name),
  ),
);

/**
 * Rows of the ledger as the finest groups of all tables of sums. What a group has in common is reckoned once for it, not for each of
 * its rows; its hour is that of UTC, where `date_trunc` takes five times as long to look for time zones.
 */
export function groupedRows(rows: RawBuilder<unknown>): RawBuilder<unknown> {
  const sums = Object.entries(sumsOfRows).map(([name, sum]) => sql`${sum} as ${sql.ref(name)}`);
  return sql`
    select *, (hour at time zone 'UTC')::date as day, coalesce(${sessionUser}, '') as user_id
    from (
      select date_bin('1 hour', started_at, 'epoch'::timestamptz) as hour, ${sql.join(grouping.map((name) => sql.ref(name)))},
        ${sql.join(sums)}
      from ${rows} group by hour, ${sql.join(grouping.map((name) => sql.ref(name)))}
    ) as finest`;
}

/** Those groups, summed up to the rows of a table. */
export function rowsOfSums({ dimensions, sums }: SumTable, groups: RawBuilder<unknown>): RawBuilder<unknown> {
  const columns = dimensions.map((name) => sql.ref(name));
  return sql`
    select ${sql.join([...columns, ...sums.map((name) => sql`sum(${sql.ref(name)}) as ${sql.ref(name)}`)])}
    from ${groups} group by ${sql.join(columns)}`;
}

/** Adds groups to a table. In the order of its key, so that servers that do so at once wait for each other and no more. */
export function addToSums(table: SumTable, groups: RawBuilder<unknown>): RawBuilder<unknown> {
  const key = sql.join(table.dimensions.map((name) => sql.ref(name)));
  const columns = [...table.dimensions, ...table.sums].map((name) => sql.ref(name));
  const grown = table.sums.map(
    (name) => sql`${sql.ref(name)} = ${sql.ref(`${table.name}.${name}`)} + ${sql.ref(`excluded.${name}`)}`,
  );
  return sql`
    insert into ${sql.table(table.name)} (${sql.join(columns)})
    ${rowsOfSums(table, groups)} order by ${key}
    on conflict (${key}) do update set ${sql.join(grown)}`;
}

/** How many sums of each table aren't those of the ledger's rows: other figures, missing, or of no row. */
export async function differingSums(kysely: Kysely<Tables>): Promise<Map<SumTable['name'], number>> {
  const comparisons = sumTables.map((table) => {
    const same = [...table.dimensions, ...table.sums].map((name) => {
      const [kept, expected] = [sql.ref(`kept.${name}`), sql.ref(`expected.${name}`)];
      // Seconds are no whole numbers: their sum depends on the order.
      if (name === 'engine_seconds') return sql`abs(${kept} - ${expected}) <= 1e-9 * (1 + abs(${expected}))`;
      return sql`${kept} = ${expected}`;
    });
    const key = sql.join(table.dimensions.map((name) => sql.ref(name)));
    return sql`
      select ${table.name} as name, count(*) filter (where (${sql.join(same, sql` and `)}) is not true) as differing
      from ${sql.table(table.name)} as kept full join (${rowsOfSums(table, sql.table('groups'))}) as expected using (${key})`;
  });
  const { rows } = await sql<{ name: SumTable['name']; differing: string }>`
    with groups as (${groupedRows(sql.table('ledger'))}) ${sql.join(comparisons, sql` union all `)}`.execute(
    kysely,
  );
  return new Map(rows.map(({ name, differing }) => [name, Number(differing)]));
}
