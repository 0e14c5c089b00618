import type { Role } from '../db/people-tables.ts';

/** Every role, from the most to the least. */
export const roles = ['owner', 'admin', 'member', 'viewer'] as const satisfies readonly Role[];

/** Where an action is allowed: in every project, in those that one is in, in those that one owns, or nowhere. */
export type Grant = 'all' | 'joined' | 'owned' | 'none';

/**
 * Who may do what: the one place that says so, for the server's checks and for what the console shows. An action that isn't
 * about a project is allowed by any grant but `none`. An admin key may do everything except ask models.
 */
export const permissions = {
  'models.read': { owner: 'all', admin: 'all', member: 'joined', viewer: 'joined' },
  'models.use': { owner: 'all', admin: 'all', member: 'joined', viewer: 'none' },
  'playground.read': { owner: 'all', admin: 'all', member: 'joined', viewer: 'joined' },
  'playground.write': { owner: 'all', admin: 'all', member: 'joined', viewer: 'none' },
  'usage.read': { owner: 'all', admin: 'all', member: 'joined', viewer: 'joined' },
  'requests.read': { owner: 'all', admin: 'all', member: 'joined', viewer: 'joined' },
  'projects.read': { owner: 'all', admin: 'all', member: 'joined', viewer: 'joined' },
  'projects.create': { owner: 'all', admin: 'all', member: 'none', viewer: 'none' },
  'projects.manage': { owner: 'all', admin: 'all', member: 'owned', viewer: 'none' },
  'project_users.read': { owner: 'all', admin: 'all', member: 'joined', viewer: 'joined' },
  'project_users.manage': { owner: 'all', admin: 'all', member: 'owned', viewer: 'none' },
  'api_keys.read': { owner: 'all', admin: 'all', member: 'joined', viewer: 'joined' },
  'api_keys.manage': { owner: 'all', admin: 'all', member: 'joined', viewer: 'none' },
  'limits.read': { owner: 'all', admin: 'all', member: 'joined', viewer: 'joined' },
  'limits.manage': { owner: 'all', admin: 'all', member: 'none', viewer: 'none' },
  'deployments.read': { owner: 'all', admin: 'all', member: 'joined', viewer: 'joined' },
  'deployments.manage': { owner: 'all', admin: 'all', member: 'none', viewer: 'none' },
  'users.read': { owner: 'all', admin: 'all', member: 'none', viewer: 'none' },
  'users.manage': { owner: 'all', admin: 'all', member: 'none', viewer: 'none' },
  'audit_logs.read': { owner: 'all', admin: 'all', member: 'none', viewer: 'none' },
  'admin_keys.manage': { owner: 'all', admin: 'none', member: 'none', viewer: 'none' },
} as const satisfies Record<string, Record<Role, Grant>>;

/** Something that a role may or may not do. */
export type Action = keyof typeof permissions;

/** Where a role may do something. */
export function grantOf(role: Role, action: Action): Grant {
  return permissions[action][role];
}

/** What a role may do somewhere, by action. */
export function capabilities(role: Role): Record<Action, boolean> {
  const entries = Object.entries(permissions).map(([action, by]) => [action, by[role] !== 'none'] as const);
  return Object.fromEntries(entries) as Record<Action, boolean>;
}

/** Which roles somebody may give or take: an owner every one, an admin every one below owner. */
export function mayAssign(role: Role, assigned: Role): boolean {
  return role === 'owner' || (role === 'admin' && assigned !== 'owner');
}
