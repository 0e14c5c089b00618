import { randomBytes } from 'node:crypto';
import { hashPassword } from 'better-auth/crypto';
import type { Kysely } from 'kysely';
import { type Actor, recordAct } from '../audit/audit.ts';
import type { Tables } from '../db/tables.ts';
import { giveAccount } from '../members/people.ts';

/**
 * Gives a user a random password in place of a forgotten one, and ends the user's sessions. Nobody can see it again, so that the
 * user should change it.
 */
export async function giveNewPassword(
  kysely: Kysely<Tables>,
  { userId, organizationId, actor }: { userId: string; organizationId: string; actor: Actor },
): Promise<string> {
  const password = randomBytes(15).toString('base64url');
  const passwordHash = await hashPassword(password);
  await kysely.transaction().execute(async (transaction) => {
    await transaction
      .deleteFrom('accounts')
      .where('user_id', '=', userId)
      .where('provider_id', '=', 'credential')
      .execute();
    await giveAccount(transaction, { userId, passwordHash });
    await transaction.deleteFrom('sessions').where('user_id', '=', userId).execute();
    const change = { before: null, after: { password: 'replaced' } };
    const act = { type: 'user.updated', actor, organizationId, projectId: null, resourceId: userId } as const;
    await recordAct(transaction, { ...act, ...change });
  });
  return password;
}
