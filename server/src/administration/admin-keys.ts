import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { type Actor, recordAct, serverActor } from '../audit/audit.ts';
import { announceChange } from '../db/changes.ts';
import type { Database } from '../db/open.ts';
import type { Tables } from '../db/tables.ts';
import { generateKey, hashKey, keyPrefix } from '../keys/format.ts';
import { writeKeyFile } from '../keys/key-file.ts';
import { KeyStore } from '../keys/store.ts';
import type { Logger } from '../log.ts';

/** Who administers which organization, as the admin key says. */
export interface AdminKeyIdentity {
  keyId: string;
  organizationId: string;
}

/** An admin key as it may be shown: everything but the key itself. */
export interface AdminKey {
  id: string;
  name: string;
  prefix: string;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
}

/** The columns of an `AdminKey`. */
export const adminKeyColumns = [
  'id',
  'name',
  'prefix',
  'created_at as createdAt',
  'expires_at as expiresAt',
  'revoked_at as revokedAt',
  'last_used_at as lastUsedAt',
] as const;

/** Active admin keys. */
export function openAdminKeyStore(
  database: Pick<Database, 'kysely'>,
  log: Logger,
): KeyStore<AdminKeyIdentity> {
  return new KeyStore<AdminKeyIdentity>(database, log, {
    table: 'admin_keys',
    load: async (kysely) => {
      const rows = await kysely
        .selectFrom('admin_keys')
        .select(['id', 'hash', 'organization_id', 'expires_at'])
        .where('revoked_at', 'is', null)
        .execute();
      return rows.map((row) => ({
        hash: row.hash,
        identity: { keyId: row.id, organizationId: row.organization_id },
        expiresAt: row.expires_at,
      }));
    },
  });
}

/** Makes an admin key. The `value` in the answer can't be had again. */
export async function createAdminKey(
  kysely: Kysely<Tables>,
  options: {
    organizationId: string;
    name: string;
    actor: Actor;
    expiresInSeconds?: number | undefined;
    value?: string;
  },
): Promise<AdminKey & { value: string }> {
  const value = options.value ?? generateKey('admin');
  const { organizationId, name, expiresInSeconds } = options;
  const key = await kysely.transaction().execute(async (transaction) => {
    const key = await transaction
      .insertInto('admin_keys')
      .values({
        id: `key-${randomUUID()}`,
        organization_id: organizationId,
        name,
        hash: hashKey(value),
        prefix: keyPrefix(value),
        expires_at: expiresInSeconds === undefined ? null : new Date(Date.now() + 1000 * expiresInSeconds),
        revoked_at: null,
        last_used_at: null,
      })
      .returning(adminKeyColumns)
      .executeTakeFirstOrThrow();
    await recordAct(transaction, {
      type: 'api_key.created',
      actor: options.actor,
      organizationId,
      projectId: null,
      resourceId: key.id,
      before: null,
      after: { kind: 'admin', name, expires_at: key.expiresAt?.toISOString() ?? null },
    });
    await announceChange(transaction, 'admin_keys');
    return key;
  });
  return { ...key, value };
}

/** Revokes an admin key of an organization, given its id; false when it has no such active key. */
export async function revokeAdminKey(
  kysely: Kysely<Tables>,
  options: { organizationId: string; id: string; actor: Actor },
): Promise<boolean> {
  return kysely.transaction().execute(async (transaction) => {
    const revoked = await transaction
      .updateTable('admin_keys')
      .set({ revoked_at: sql`now()` })
      .where('id', '=', options.id)
      .where('organization_id', '=', options.organizationId)
      .where('revoked_at', 'is', null)
      .returning('name')
      .executeTakeFirst();
    if (revoked === undefined) return false;
    await recordAct(transaction, {
      type: 'api_key.deleted',
      actor: options.actor,
      organizationId: options.organizationId,
      projectId: null,
      resourceId: options.id,
      before: { kind: 'admin', name: revoked.name },
      after: null,
    });
    await announceChange(transaction, 'admin_keys');
    return true;
  });
}

/** Where the first admin key is written, for the operator alone to read. */
export function firstAdminKeyFile(dataDir: string): string {
  return join(dataDir, 'admin-key');
}

/** Makes an organization's first admin key when it never had one, and writes it to `firstAdminKeyFile`. */
export async function ensureFirstAdminKey(
  kysely: Kysely<Tables>,
  { organizationId, dataDir }: { organizationId: string; dataDir: string },
): Promise<void> {
  const existing = await kysely
    .selectFrom('admin_keys')
    .select('id')
    .where('organization_id', '=', organizationId)
    .limit(1)
    .executeTakeFirst();
  if (existing !== undefined) return;
  // Written before it is stored: a kill in between leaves a file that the next start replaces, never a lost key.
  const value = generateKey('admin');
  await writeKeyFile(firstAdminKeyFile(dataDir), value);
  await createAdminKey(kysely, { organizationId, name: 'first', actor: serverActor, value });
}
