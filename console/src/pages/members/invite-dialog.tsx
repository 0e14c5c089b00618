import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { api, read } from '../../api/client.ts';
import { fieldError } from '../../api/failure.ts';
import { projectsQuery } from '../../api/organization.ts';
import { useMe } from '../../api/session.ts';
import { useProject } from '../../shell/project-switcher.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { invitesQuery, type Role } from './queries.ts';
import { assignableRoles, reachesAllProjects, roleWords } from './roles.tsx';

const formId = 'invite';

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
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  if (invite.isSuccess && invite.data.url !== undefined) {
    return (
      <Dialog
        open
        insistent
        onOpenChange={onClose}
        size="medium"
        title={`Send this link to ${invite.data.email}`}
        description="Nothing is mailed. The link works once, and it is shown now only."
        actions={
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <div className="flex items-center gap-3 rounded-lg border border-accent/50 bg-accent-soft/40 py-2 pr-2 pl-3">
          <code
            data-testid="invite-link"
            className="min-w-0 flex-1 font-mono text-xs leading-relaxed break-all"
          >
            {invite.data.url}
          </code>
          <CopyButton text={invite.data.url} label="Copy link" labelled />
        </div>
      </Dialog>
    );
  }
  const wrongEmail = fieldError(invite.error, 'email');
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Invite somebody to ${organization.name}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" busy={invite.isPending}>
            Make a link
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
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
        {invite.error && wrongEmail === null && (
          <p role="alert" className="text-sm text-danger">
            {invite.error.message}
          </p>
        )}
      </form>
    </Dialog>
  );
}
