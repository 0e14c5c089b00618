import type { Role } from './queries.ts';

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

const order = ['owner', 'admin', 'member', 'viewer'] as const satisfies Role[];

/** The roles that somebody of a role may give, to choose from. The server checks it anyway. */
export function assignableRoles(own: string): { value: Role; label: string; detail: string }[] {
  return order
    .filter((role) => own === 'owner' || role !== 'owner')
    .map((value) => ({ value, label: roleWords[value].label, detail: roleWords[value].may }));
}

/** Whether a role works in every project without being listed for it. */
export function reachesAllProjects(role: Role): boolean {
  return role === 'owner' || role === 'admin';
}

/** The roles, for those who give them. */
export function RoleList() {
  return (
    <section className="flex flex-col gap-2">
      <h2 className="text-sm font-semibold">What each role may do</h2>
      <dl className="divide-y divide-line rounded-xl border bg-surface text-sm">
        {order.map((role) => (
          <div key={role} className="grid gap-x-4 px-4 py-2.5 sm:grid-cols-[7rem_1fr]">
            <dt className="font-medium">{roleWords[role].label}</dt>
            <dd className="text-muted">{roleWords[role].may}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
