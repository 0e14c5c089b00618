import type { ColumnType } from 'kysely';
import type { CreatedAt } from './columns.ts';

/** What a member is in the organization, from the most to the least. */
export type Role = 'owner' | 'admin' | 'member' | 'viewer';

/** What a member is in a project. */
export type ProjectRole = 'owner' | 'member';

/** A person who may sign in. This and the next three are better-auth's models, under our names. */
export interface UsersTable {
  id: string;
  name: string;
  /** In lower case. */
  email: string;
  email_verified: boolean;
  image: string | null;
  created_at: CreatedAt;
  updated_at: CreatedAt;
}

/** A browser that is signed in. The cookie holds the token with a signature, so that the token alone opens nothing. */
export interface SessionsTable {
  id: string;
  user_id: string;
  token: string;
  expires_at: Date;
  ip_address: string | null;
  user_agent: string | null;
  created_at: CreatedAt;
  updated_at: CreatedAt;
}

/** A way in that a user has: a password (provider `credential`), or an account at an OpenID provider. */
export interface AccountsTable {
  id: string;
  user_id: string;
  provider_id: string;
  account_id: string;
  /** Salt and scrypt hash. */
  password: string | null;
  access_token: string | null;
  refresh_token: string | null;
  id_token: string | null;
  access_token_expires_at: Date | null;
  refresh_token_expires_at: Date | null;
  scope: string | null;
  created_at: CreatedAt;
  updated_at: CreatedAt;
}

/** What a sign-in through an OpenID provider has to remember until its answer comes. */
export interface VerificationsTable {
  id: string;
  identifier: string;
  value: string;
  expires_at: Date;
  created_at: CreatedAt;
  updated_at: CreatedAt;
}

/** A user's place in an organization; a user has one. */
export interface MembersTable {
  user_id: string;
  organization_id: string;
  role: Role;
  added_at: CreatedAt;
}

/** Which projects a member may use. Owners and admins of the organization may use all without being listed. */
export interface ProjectMembersTable {
  project_id: string;
  user_id: string;
  role: ProjectRole;
  added_at: CreatedAt;
}

/** A one-time link that makes its bearer a member. */
export interface InvitesTable {
  id: string;
  organization_id: string;
  /** In lower case. */
  email: string;
  role: Role;
  projects: ColumnType<{ id: string; role: ProjectRole }[], string, never>;
  /** SHA-256 of the link's token. */
  hash: Buffer;
  created_at: CreatedAt;
  expires_at: Date;
  accepted_at: Date | null;
}

/** The one-time link that makes an organization's first owner. */
export interface OwnerLinksTable {
  organization_id: string;
  /** SHA-256 of the link's token. */
  hash: Buffer;
  created_at: ColumnType<Date, Date | undefined, Date>;
}

/** How often somebody tried to sign in lately. */
export interface SignInAttemptsTable {
  /** As in `address 127.0.0.1`. */
  subject: string;
  attempts: number;
  window_until: Date;
}

/** What all servers of one database share and nobody else knows. */
export interface ServerSecretsTable {
  name: string;
  value: string;
}

/** The tables of people: who may sign in, and what they are members of. */
export interface PeopleTables {
  users: UsersTable;
  sessions: SessionsTable;
  accounts: AccountsTable;
  verifications: VerificationsTable;
  members: MembersTable;
  project_members: ProjectMembersTable;
  invites: InvitesTable;
  owner_links: OwnerLinksTable;
  sign_in_attempts: SignInAttemptsTable;
  server_secrets: ServerSecretsTable;
}
