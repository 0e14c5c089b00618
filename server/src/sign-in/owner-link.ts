import { ApiError } from '@weai/protocol/errors';
import { hashPassword } from 'better-auth/crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import { addMember, createUser } from '../members/people.ts';
import { ensureDefaultProject } from '../projects/projects.ts';
import { hashLinkToken, newLinkToken } from '../members/link-token.ts';

/**
 * The token of a new link that makes the organization's first owner; links made before stop working. Null when there is an owner.
 */
export async function newOwnerToken(kysely: Kysely<Tables>, organizationId: string): Promise<string | null> {
  if (await hasOwner(kysely, organizationId)) return null;
  const token = newLinkToken();
  const hash = hashLinkToken(token);
  await kysely
    .insertInto('owner_links')
    .values({ organization_id: organizationId, hash })
    .onConflict((conflict) =>
      conflict.column('organization_id').doUpdateSet({ hash, created_at: new Date() }),
    )
    .execute();
  return token;
}

/** Where a person opens it. @param url of the server, without a slash at the end. */
export function ownerLink(url: string, token: string): string {
  return `${url}/welcome?token=${token}`;
}

/** Whether an organization has an owner. */
export async function hasOwner(kysely: Kysely<Tables>, organizationId: string): Promise<boolean> {
  const owner = await kysely
    .selectFrom('members')
    .select('user_id')
    .where('organization_id', '=', organizationId)
    .where('role', '=', 'owner')
    .limit(1)
    .executeTakeFirst();
  return owner !== undefined;
}

/**
 * Makes the first owner, once. Throws ApiError invalid_value for a token that isn't the latest link's, or when there is an owner;
 * conflict when the email is taken.
 */
export async function welcomeOwner(
  kysely: Kysely<Tables>,
  { token, name, email, password }: { token: string; name: string; email: string; password: string },
): Promise<void> {
  const { organizationId } = await ensureDefaultProject(kysely);
  await kysely.transaction().execute(async (transaction) => {
    const link = await transaction
      .selectFrom('owner_links')
      .select('hash')
      .where('hash', '=', hashLinkToken(token))
      // As for invitations: one is let in, and the others are refused without work.
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (link === undefined || (await hasOwner(transaction, organizationId))) throw linkUsed();
    await transaction.deleteFrom('owner_links').where('hash', '=', link.hash).execute();
    const passwordHash = await hashPassword(password);
    const userId = await createUser(transaction, { name, email, passwordHash });
    const actor = { kind: 'session', id: userId } as const;
    await addMember(transaction, { userId, organizationId, role: 'owner', projects: [], actor });
  });
}

function linkUsed(): ApiError {
  return new ApiError(
    'invalid_value',
    'This link was used before, or a newer one was made. While there is no owner, make one with: weai owner-link',
    { param: 'token' },
  );
}
