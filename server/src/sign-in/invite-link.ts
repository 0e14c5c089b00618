import { ApiError } from '@weai/protocol/errors';
import { hashPassword } from 'better-auth/crypto';
import type { Kysely } from 'kysely';
import type { ProjectRole, Role } from '../db/people-tables.ts';
import type { Tables } from '../db/tables.ts';
import { createUser } from '../members/people.ts';
import { activeProjectNames } from '../projects/projects.ts';
import { acceptInvite } from './admission.ts';
import { hashLinkToken } from '../members/link-token.ts';

/** What an invitation promises, as its bearer may read it before accepting. */
export interface OpenInvitation {
  email: string;
  organization: string;
  role: Role;
  /** Those that are there still; none for roles that reach all. */
  projects: { name: string; role: ProjectRole }[];
  expiresAt: Date;
}

/**
 * Reads the open invitation of a link, and changes nothing.
 * Throws the same ApiError invalid_value for a token that was used, withdrawn, is out of date or was never one.
 */
export async function findInviteLink(kysely: Kysely<Tables>, token: string): Promise<OpenInvitation> {
  const invite = await kysely
    .selectFrom('invites')
    .innerJoin('organizations', 'organizations.id', 'invites.organization_id')
    .select(['organization_id', 'organizations.name as organization', 'email', 'role', 'projects'])
    .select('expires_at as expiresAt')
    .where('hash', '=', hashLinkToken(token))
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', new Date())
    .executeTakeFirst();
  if (invite === undefined) throw linkUsed();
  const { organization_id: organizationId, projects: promised, ...told } = invite;
  const names = await activeProjectNames(kysely, organizationId);
  const projects = promised.flatMap(({ id, role }) => {
    const name = names.get(id);
    return name === undefined ? [] : [{ name, role }];
  });
  return { ...told, projects };
}

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
