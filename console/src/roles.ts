import type { Member } from './api/organization.ts';

export type Role = Member['role'];

/** What each role may do, from the most to the least. */
export const roleWords: Record<Role, { label: string; may: string }> = {
  owner: { label: 'Owner', may: 'Everything, admin keys and other owners included.' },
  admin: { label: 'Admin', may: 'Everything but admin keys, and making or removing owners.' },
  member: { label: 'Member', may: 'In their projects: asks models, makes keys, sees usage and logs.' },
  viewer: {
    label: 'Viewer',
    may: 'In their projects: sees models, keys, usage and logs, and changes nothing.',
  },
};

/** Whether a role works in every project without being listed for it. */
export function reachesAllProjects(role: Role): boolean {
  return role === 'owner' || role === 'admin';
}
