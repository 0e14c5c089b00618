import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../../api/client.ts';
import { type Member, membersQuery } from '../../api/organization.ts';
import { useMe } from '../../api/session.ts';
import { reachesAllProjects, type Role, roleWords } from '../../roles.ts';
import { IconButton } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { MoreIcon, ProjectsIcon, TrashIcon } from '../../ui/icons.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { Select } from '../../ui/select.tsx';
import { Table } from '../../ui/table.tsx';
import { Ago } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { Email } from './email.tsx';
import { MemberProjectsDialog } from './member-projects-dialog.tsx';
import { assignableRoles } from './roles.tsx';

type Task = { kind: 'remove' | 'projects'; member: Member };

/** The members of the organization, with their roles. */
export function MemberTable({ members, manages }: { members: readonly Member[]; manages: boolean }) {
  const me = useMe();
  const [task, setTask] = useState<Task | null>(null);
  // Nobody changes themselves here: the way back would be somebody else's.
  const mayChange = ({ id, role }: Member) =>
    manages && id !== me.user.id && (role !== 'owner' || me.organization.role === 'owner');
  return (
    <>
      <Table
        label="Members"
        rows={members}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'Name',
            cell: ({ id, name, email }) => (
              <>
                <span className="font-medium">{name}</span>
                {id === me.user.id && <span className="text-muted"> (you)</span>}
                <span className="block text-xs text-muted">
                  <Email address={email} />
                </span>
              </>
            ),
          },
          {
            title: 'Role',
            cell: (member) =>
              mayChange(member) ? <RoleSelect member={member} /> : roleWords[member.role].label,
          },
          {
            title: 'Since',
            className: 'hidden text-muted sm:table-cell',
            cell: ({ added_at: added }) => <Ago seconds={added} />,
          },
          {
            title: 'Actions',
            titleHidden: true,
            className: 'w-10 text-right',
            cell: (member) =>
              mayChange(member) && (
                <Menu
                  trigger={
                    <IconButton size="small" label={`Actions for ${member.name}`}>
                      <MoreIcon />
                    </IconButton>
                  }
                >
                  {!reachesAllProjects(member.role) && (
                    <MenuItem icon={<ProjectsIcon />} onClick={() => setTask({ kind: 'projects', member })}>
                      Projects
                    </MenuItem>
                  )}
                  <MenuItem icon={<TrashIcon />} danger onClick={() => setTask({ kind: 'remove', member })}>
                    Remove
                  </MenuItem>
                </Menu>
              ),
          },
        ]}
      />
      {task?.kind === 'remove' && <RemoveDialog member={task.member} onClose={() => setTask(null)} />}
      {task?.kind === 'projects' && (
        <MemberProjectsDialog member={task.member} onClose={() => setTask(null)} />
      )}
    </>
  );
}

function RoleSelect({ member }: { member: Member }) {
  const { organization } = useMe();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (role: Role) =>
      read(
        api.POST('/v1/organization/users/{user_id}', {
          params: { path: { user_id: member.id } },
          body: { role },
        }),
      ),
    onSuccess: ({ name, role }) => toast({ title: `The role of ${name} is ${roleWords[role].label} now` }),
    onError: (error) =>
      toast({ title: 'The role stays as it was', description: error.message, tone: 'danger' }),
    onSettled: () => queries.invalidateQueries({ queryKey: membersQuery.queryKey }),
  });
  return (
    <Select
      label={`Role of ${member.name}`}
      size="small"
      className="h-8 min-w-26"
      value={change.isPending ? change.variables : member.role}
      options={assignableRoles(organization.role)}
      disabled={change.isPending}
      onChange={(role) => change.mutate(role)}
    />
  );
}

function RemoveDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () =>
      read(api.DELETE('/v1/organization/users/{user_id}', { params: { path: { user_id: member.id } } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: membersQuery.queryKey });
      toast({ title: `${member.name} is removed` });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Remove ${member.name}?`}
      action="Remove member"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>
        Their sessions end within a second. Keys that they made belong to their projects and go on working:
        revoke those under Keys. To come back, they need a new invitation.
      </p>
    </ConfirmDialog>
  );
}
