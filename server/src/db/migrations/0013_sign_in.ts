import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/**
 * People: their sign-in (users, sessions, accounts and verifications are better-auth's models), who is a member of what, and the
 * one-time links that let them in. Tables that sessions depend on announce their own changes, so that no writer can forget to.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}

const announced = ['sessions', 'users', 'members', 'project_members', 'projects'];

const statements = [
  `create table users (
    id text primary key,
    name text not null,
    email text not null unique check (email = lower(email)),
    email_verified boolean not null default false,
    image text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create table sessions (
    id text primary key,
    user_id text not null references users (id) on delete cascade,
    token text not null unique,
    expires_at timestamptz not null,
    ip_address text,
    user_agent text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create index sessions_by_user on sessions (user_id)`,
  `create table accounts (
    id text primary key,
    user_id text not null references users (id) on delete cascade,
    provider_id text not null,
    account_id text not null,
    password text,
    access_token text,
    refresh_token text,
    id_token text,
    access_token_expires_at timestamptz,
    refresh_token_expires_at timestamptz,
    scope text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (provider_id, account_id)
  )`,
  `create index accounts_by_user on accounts (user_id)`,
  `create table verifications (
    id text primary key,
    identifier text not null,
    value text not null,
    expires_at timestamptz not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create index verifications_by_identifier on verifications (identifier)`,
  `create table members (
    user_id text primary key references users (id) on delete cascade,
    organization_id text not null references organizations (id),
    role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
    added_at timestamptz not null default clock_timestamp()
  )`,
  `create index members_by_organization on members (organization_id, added_at, user_id)`,
  `create table project_members (
    project_id text not null references projects (id),
    user_id text not null references members (user_id) on delete cascade,
    role text not null check (role in ('owner', 'member')),
    added_at timestamptz not null default clock_timestamp(),
    primary key (project_id, user_id)
  )`,
  `create index project_members_by_user on project_members (user_id)`,
  `create table invites (
    id text primary key,
    organization_id text not null references organizations (id),
    email text not null check (email = lower(email)),
    role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
    projects jsonb not null,
    hash bytea not null unique,
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    accepted_at timestamptz
  )`,
  `create unique index invites_open_by_email on invites (organization_id, email) where accepted_at is null`,
  `create table owner_links (
    organization_id text primary key references organizations (id),
    hash bytea not null,
    created_at timestamptz not null default now()
  )`,
  `create table sign_in_attempts (
    subject text primary key,
    attempts integer not null,
    window_until timestamptz not null
  )`,
  `create table server_secrets (
    name text primary key,
    value text not null
  )`,
  `create function announce_change() returns trigger language plpgsql as $$
    begin
      perform pg_notify('weai_changed', tg_table_name);
      return null;
    end $$`,
  ...announced.map(
    (table) =>
      `create trigger ${table}_changed after insert or update or delete on ${table}
       for each statement execute function announce_change()`,
  ),
];
