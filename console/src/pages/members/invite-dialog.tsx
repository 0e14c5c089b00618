import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../../api/client.ts';
import { fieldError, formError } from '../../api/failure.ts';
import { projectsQuery } from '../../api/organization.ts';
import { useMe } from '../../api/session.ts';
import { reachesAllProjects, type Role, roleWords } from '../../roles.ts';
import { useProject } from '../../shell/project-switcher.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { Field, Input } from '../../ui/input.tsx';
import { Secret } from '../../ui/secret.tsx';
import { Select } from '../../ui/select.tsx';
import { invitesQuery } from './queries.ts';
import { assignableRoles } from './roles.tsx';

/** Invites somebody by a link that one sends oneself: the server sends no mail. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { organization } = useMe();
  const queries = useQueryClient();
  const current = useProject();
  const projects = useQuery(projectsQuery());
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('member');
  const [chosen, setChosen] = useState<string[]>(current === undefined ? [] : [current.id]);
  const invite = useMutation({
    mutationFn: () =>
      read(
        api.POST('/v1/organization/invites', {
          body: {
            email: email.trim(),
            role,
            projects: reachesAllProjects(role) ? [] : chosen.map((id) => ({ id, role: 'member' as const })),
          },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: invitesQuery.queryKey }),
  });
  const url = invite.data?.url;
  const wrongEmail = fieldError(invite.error, 'email');
  return (
    <FormDialog
      title={`Invite somebody to ${organization.name}`}
      action="Make a link"
      busy={invite.isPending}
      error={formError(invite.error, 'email')}
      onSubmit={() => invite.mutate()}
      onClose={onClose}
      result={
        url === undefined
          ? undefined
          : {
              title: `Send this link to ${invite.data?.email}`,
              description: 'Nothing is mailed. The link works once, and it is shown now only.',
              action: 'Done',
              content: <Secret value={url} copyLabel="Copy link" testId="invite-link" />,
            }
      }
    >
      <Field label="E-mail" hint="They sign in with it." error={wrongEmail}>
        {(control) => (
          <Input
            {...control}
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to type this
            autoFocus
            type="email"
            required
            autoComplete="off"
            value={email}
            onChange={(event) => {
              setEmail(event.target.value);
              invite.reset();
            }}
          />
        )}
      </Field>
      <Field label="Role" hint={roleWords[role].may}>
        {(control) => (
          <Select
            id={control.id}
            className="w-full"
            value={role}
            options={assignableRoles(organization.role)}
            onChange={setRole}
          />
        )}
      </Field>
      {!reachesAllProjects(role) && (
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 text-sm font-medium">Projects</legend>
          {(projects.data ?? []).map(({ id, name }) => (
            <label key={id} className="flex min-h-6 items-center gap-2 text-sm">
              <input
                type="checkbox"
                className="size-4 shrink-0 accent-(--accent)"
                checked={chosen.includes(id)}
                onChange={(event) =>
                  setChosen(event.target.checked ? [...chosen, id] : chosen.filter((each) => each !== id))
                }
              />
              {name}
            </label>
          ))}
        </fieldset>
      )}
    </FormDialog>
  );
}
