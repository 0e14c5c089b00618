import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';

/**
 * What session cookies are signed with: the setting, else one that the database keeps, made at the first start, so that every server
 * of the database accepts the sessions of the others.
 */
export async function signingSecret(kysely: Kysely<Tables>, setting: string | null): Promise<string> {
  if (setting !== null) return setting;
  await kysely
    .insertInto('server_secrets')
    .values({ name: 'sessions', value: randomBytes(32).toString('base64url') })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const { value } = await kysely
    .selectFrom('server_secrets')
    .select('value')
    .where('name', '=', 'sessions')
    .executeTakeFirstOrThrow();
  return value;
}
