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
export function beyond(
  table: 'projects' | 'api_keys' | 'admin_keys' | 'audit_logs',
  id: string,
  direction: '>' | '<',
): RawBuilder<SqlBool> {
  const time = sql.ref(table === 'audit_logs' ? 'audit_logs.effective_at' : `${table}.created_at`);
  const columns = sql`(${time}, ${sql.ref(`${table}.id`)})`;
  const row = sql`(select ${time}, ${sql.ref(`${table}.id`)} from ${sql.table(table)} where id = ${id})`;
  return sql<SqlBool>`${columns} ${sql.raw(direction)} ${row}`;
}

/** Throws ApiError for a cursor whose row isn't in the list. */
export function refuseUnknownCursor(field: 'after' | 'before', row: object | undefined): void {
  if (row === undefined) throw invalidField(field, 'expected the id of an object of this list');
}

/** Unix seconds. */
export function unixSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
