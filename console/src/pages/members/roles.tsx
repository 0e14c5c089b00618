import { type Role, roleWords } from '../../roles.ts';

const order = ['owner', 'admin', 'member', 'viewer'] as const satisfies Role[];

/** The roles that somebody of a role may give, to choose from. The server checks it anyway. */
export function assignableRoles(own: string): { value: Role; label: string; detail: string }[] {
  return order
    .filter((role) => own === 'owner' || role !== 'owner')
    .map((value) => ({ value, label: roleWords[value].label, detail: roleWords[value].may }));
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
