import { randomUUID } from 'node:crypto';
import { ApiError } from '@weai/protocol/errors';
import type { Kysely } from 'kysely';
import { type Actor, recordAct } from '../audit/audit.ts';
import type { ProjectRole, Role } from '../db/people-tables.ts';
import type { Tables } from '../db/tables.ts';

/** A new user's id. Usage is counted under it, where that of a key has the key's id. */
export function newUserId(): string {
  return `user-${randomUUID()}`;
}

/** Makes a user who signs in with a password. Throws ApiError conflict when the email is taken. */
export async function createUser(
  transaction: Kysely<Tables>,
  { name, email, passwordHash }: { name: string; email: string; passwordHash: string },
): Promise<string> {
  const made = await transaction
    .insertInto('users')
    // Nobody gets here but by a link that an owner gave out for this email.
    .values({ id: newUserId(), name, email: email.toLowerCase(), email_verified: true, image: null })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (made === undefined) throw emailTaken();
  await giveAccount(transaction, { userId: made.id, passwordHash });
  return made.id;
}

/** Gives a user who has none a password. */
export async function giveAccount(
  transaction: Kysely<Tables>,
  { userId, passwordHash }: { userId: string; passwordHash: string },
): Promise<void> {
  await transaction
    .insertInto('accounts')
    .values({
      id: `account-${randomUUID()}`,
      user_id: userId,
      provider_id: 'credential',
      account_id: userId,
      password: passwordHash,
      access_token: null,
      refresh_token: null,
      id_token: null,
      access_token_expires_at: null,
      refresh_token_expires_at: null,
      scope: null,
    })
    .execute();
}

/** Makes a user a member of an organization and of projects of it. */
export async function addMember(
  transaction: Kysely<Tables>,
  options: {
    userId: string;
    organizationId: string;
    role: Role;
    projects: readonly { id: string; role: ProjectRole }[];
    actor: Actor;
  },
): Promise<void> {
  const { userId, organizationId, role, projects, actor } = options;
  await transaction
    .insertInto('members')
    .values({ user_id: userId, organization_id: organizationId, role })
    .execute();
  if (projects.length > 0) {
    await transaction
      .insertInto('project_members')
      .values(projects.map(({ id, role }) => ({ project_id: id, user_id: userId, role })))
      .execute();
  }
  await recordAct(transaction, {
    type: 'user.added',
    actor,
    organizationId,
    projectId: null,
    resourceId: userId,
    before: null,
    after: { role },
  });
}

/** An email is in use, said to somebody who may know. */
export function emailTaken(): ApiError {
  return new ApiError(
    'conflict',
    'Somebody with this email is here already: sign in, or use another email.',
    {
      param: 'email',
    },
  );
}
