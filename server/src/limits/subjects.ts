import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { SubjectKind } from './limits.ts';

/** The id of a key, project or organization, given its id or name (a key's prefix too); null unless exactly one goes by that. */
export async function findSubject(
  kysely: Kysely<Tables>,
  kind: SubjectKind,
  reference: string,
): Promise<string | null> {
  const ids = await (kind === 'key' ? keys(kysely, reference) : named(kysely, `${kind}s`, reference));
  return ids.length === 1 ? (ids[0] ?? null) : null;
}

async function keys(kysely: Kysely<Tables>, reference: string): Promise<string[]> {
  const rows = await kysely
    .selectFrom('api_keys')
    .select('id')
    .where((or) =>
      or.or([or('id', '=', reference), or('name', '=', reference), or('prefix', '=', reference)]),
    )
    .limit(2)
    .execute();
  return rows.map(({ id }) => id);
}

async function named(
  kysely: Kysely<Tables>,
  table: 'projects' | 'organizations',
  reference: string,
): Promise<string[]> {
  const rows = await kysely
    .selectFrom(table)
    .select('id')
    .where((or) => or.or([or('id', '=', reference), or('name', '=', reference)]))
    .limit(2)
    .execute();
  return rows.map(({ id }) => id);
}
