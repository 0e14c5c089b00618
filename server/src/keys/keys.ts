import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { type Actor, commandLineActor, recordAct, serverActor } from '../audit/audit.ts';
import { announceChange } from '../db/changes.ts';
import type { Tables } from '../db/tables.ts';
import { activeProject } from '../projects/projects.ts';
import { generateKey, hashKey, keyPrefix } from './format.ts';
import { writeKeyFile } from './key-file.ts';

/** A key as it may be shown: everything but the key itself. */
export interface KeyDescription {
  id: string;
  name: string;
  project: string;
  prefix: string;
  createdAt: Date;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
}

/**
 * Makes a key in a project. The key in the answer can't be had again.
 * Throws ApiError not_found, or conflict when the project is archived.
 */
export async function createKey(
  kysely: Kysely<Tables>,
  options: { projectId: string; name: string; key?: string; actor?: Actor },
): Promise<{ id: string; key: string }> {
  const key = options.key ?? generateKey();
  const id = `key-${randomUUID()}`;
  await kysely.transaction().execute(async (transaction) => {
    const { organizationId } = await activeProject(transaction, options.projectId);
    await transaction
      .insertInto('api_keys')
      .values({
        id,
        project_id: options.projectId,
        name: options.name,
        hash: hashKey(key),
        prefix: keyPrefix(key),
        revoked_at: null,
        last_used_at: null,
      })
      .execute();
    await recordAct(transaction, {
      type: 'api_key.created',
      actor: options.actor ?? commandLineActor(),
      organizationId,
      projectId: options.projectId,
      resourceId: id,
      before: null,
      after: { name: options.name },
    });
    await announceChange(transaction, 'api_keys');
  });
  return { id, key };
}

/** Every key, revoked ones too, newest first. */
export async function listKeys(kysely: Kysely<Tables>, project?: string): Promise<KeyDescription[]> {
  return kysely
    .selectFrom('api_keys')
    .innerJoin('projects', 'projects.id', 'api_keys.project_id')
    .select([
      'api_keys.id',
      'api_keys.name',
      'projects.name as project',
      'api_keys.prefix',
      'api_keys.created_at as createdAt',
      'api_keys.revoked_at as revokedAt',
      'api_keys.last_used_at as lastUsedAt',
    ])
    .$if(project !== undefined, (query) => query.where('projects.name', '=', project ?? ''))
    .orderBy('api_keys.created_at', 'desc')
    .execute();
}

/** How many active keys a revocation found: none, one (now revoked), or several, of which none was touched. */
export type Revocation = { outcome: 'revoked'; id: string } | { outcome: 'unknown' | 'ambiguous' };

/** Revokes a key, given its id, its prefix, its name or the key itself. */
export async function revokeKey(
  kysely: Kysely<Tables>,
  reference: string,
  actor: Actor = commandLineActor(),
): Promise<Revocation> {
  return kysely.transaction().execute(async (transaction): Promise<Revocation> => {
    const found = await transaction
      .selectFrom('api_keys')
      .innerJoin('projects', 'projects.id', 'api_keys.project_id')
      .select(['api_keys.id', 'api_keys.name', 'api_keys.project_id', 'projects.organization_id'])
      .where('api_keys.revoked_at', 'is', null)
      .where((or) =>
        or.or([
          or('api_keys.id', '=', reference),
          or('api_keys.prefix', '=', reference),
          or('api_keys.name', '=', reference),
          or('api_keys.hash', '=', hashKey(reference)),
        ]),
      )
      .limit(2)
      .forUpdate('api_keys')
      .execute();
    const [key] = found;
    if (key === undefined) return { outcome: 'unknown' };
    if (found.length > 1) return { outcome: 'ambiguous' };
    await transaction
      .updateTable('api_keys')
      .set({ revoked_at: sql`now()` })
      .where('id', '=', key.id)
      .execute();
    await recordAct(transaction, {
      type: 'api_key.deleted',
      actor,
      organizationId: key.organization_id,
      projectId: key.project_id,
      resourceId: key.id,
      before: { name: key.name },
      after: null,
    });
    await announceChange(transaction, 'api_keys');
    return { outcome: 'revoked', id: key.id };
  });
}

/** Where the first key is written, for the operator alone to read. */
export function firstKeyFile(dataDir: string): string {
  return join(dataDir, 'api-key');
}

/**
 * Makes the first key when there is none at all: `chosenKey`, else a random one. A chosen key is added also later,
 * unless it was there before (revoked, it stays revoked). The key is written to `firstKeyFile`.
 * Returns the key when it is new, else null.
 */
export async function ensureFirstKey(
  kysely: Kysely<Tables>,
  options: { projectId: string; dataDir: string; chosenKey: string | null },
): Promise<string | null> {
  const existing = await kysely
    .selectFrom('api_keys')
    .select('id')
    .$if(options.chosenKey !== null, (query) => query.where('hash', '=', hashKey(options.chosenKey ?? '')))
    .limit(1)
    .executeTakeFirst();
  if (existing !== undefined) return null;
  // Written before it is stored: a kill in between leaves a file that the next start replaces, never a lost key.
  const key = options.chosenKey ?? generateKey();
  await writeKeyFile(firstKeyFile(options.dataDir), key);
  await createKey(kysely, { projectId: options.projectId, name: 'first', key, actor: serverActor });
  return key;
}
