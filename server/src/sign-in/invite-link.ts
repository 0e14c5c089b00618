import { ApiError } from '@weai/protocol/errors';
import { hashPassword } from 'better-auth/crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import { createUser } from '../members/people.ts';
import { acceptInvite } from './admission.ts';
import { hashLinkToken } from '../members/link-token.ts';

/**
 * Makes the bearer of an invitation's link a member who signs in with a password, and returns the email. A link works once.
 * Throws ApiError invalid_value for a token that isn't an open invitation's, conflict when the email is taken.
 */
export async function acceptInviteLink(
  kysely: Kysely<Tables>,
  { token, name, password }: { token: string; name: string; password: string },
): Promise<string> {
  return kysely.transaction().execute(async (transaction) => {
    const invite = await transaction
      .selectFrom('invites')
      .select(['id', 'organization_id as organizationId', 'email', 'role', 'projects'])
      .where('hash', '=', hashLinkToken(token))
      .where('accepted_at', 'is', null)
      .where('expires_at', '>', new Date())
      // Who comes second while the first is being let in is refused at once: hashing a password costs too much to do in vain.
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (invite === undefined) throw linkUsed();
    const passwordHash = await hashPassword(password);
    const userId = await createUser(transaction, { name, email: invite.email, passwordHash });
    await acceptInvite(transaction, invite, userId);
    return invite.email;
  });
}

function linkUsed(): ApiError {
  return new ApiError(
    'invalid_value',
    'This invitation was used, withdrawn or is out of date: ask for a new one.',
    {
      param: 'token',
    },
  );
}
