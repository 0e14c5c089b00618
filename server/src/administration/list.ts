import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { invalidField } from './fields.ts';

/** A page of a list, as OpenAI's API has it. */
export interface ListPage<Item> {
  object: 'list';
  data: Item[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}

/** A page from up to `limit + 1` items: the one too many only says that there is more. */
export function listPage<Item extends { id: string }>(items: Item[], limit: number): ListPage<Item> {
  const data = items.slice(0, limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: items.length > limit,
  };
}

/**
 * That a row comes after (`>`) or before (`<`) the row `id` of the same table, by a time column and then by id. Compared inside the
 * database, whose times are finer than JavaScript's.
 */
export function beyond(table: keyof typeof orderedBy, id: string, direction: '>' | '<'): RawBuilder<SqlBool> {
  const [time, key] = orderedBy[table];
  const columns = sql`${sql.ref(`${table}.${time}`)}, ${sql.ref(`${table}.${key}`)}`;
  const row = sql`(select ${columns} from ${sql.table(table)} where ${sql.ref(`${table}.${key}`)} = ${id})`;
  return sql<SqlBool>`(${columns}) ${sql.raw(direction)} ${row}`;
}

/** The columns that each table's lists are in the order of. */
const orderedBy = {
  projects: ['created_at', 'id'],
  api_keys: ['created_at', 'id'],
  admin_keys: ['created_at', 'id'],
  invites: ['created_at', 'id'],
  members: ['added_at', 'user_id'],
  audit_logs: ['effective_at', 'id'],
} as const;

/** Throws ApiError for a cursor whose row isn't in the list. */
export function refuseUnknownCursor(field: 'after' | 'before', row: object | undefined): void {
  if (row === undefined) throw invalidField(field, 'expected the id of an object of this list');
}

/** Unix seconds. */
export function unixSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
