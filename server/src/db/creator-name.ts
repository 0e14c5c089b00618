import { type RawBuilder, sql } from 'kysely';

/** The name of the user or API key whose id a column has; null where neither is there any more. */
export function creatorName(column: string): RawBuilder<string | null> {
  const id = sql.ref(column);
  return sql`coalesce((select name from users where users.id = ${id}), (select name from api_keys where api_keys.id = ${id}))`;
}
