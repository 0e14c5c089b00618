import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { api, read } from '../../api/client.ts';
import { fieldError, formError } from '../../api/failure.ts';
import type { Project } from '../../api/organization.ts';
import { meQuery } from '../../api/session.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { Field, Input } from '../../ui/input.tsx';
import { Switch } from '../../ui/switch.tsx';
import { toast } from '../../ui/toast.tsx';

/** A project's name, and whether it keeps what is asked and answered. */
export function ProjectSettingsDialog({ project, onClose }: { project: Project; onClose: () => void }) {
  const queries = useQueryClient();
  const switchId = useId();
  const [name, setName] = useState(project.name);
  const [stores, setStores] = useState(project.store_content);
  const [days, setDays] = useState(String(project.content_retention_days));
  const isDefault = project.name === 'default';
  const save = useMutation({
    mutationFn: () =>
      read(
        api.POST('/v1/organization/projects/{project_id}', {
          params: { path: { project_id: project.id } },
          body: {
            ...(name.trim() !== project.name && { name: name.trim() }),
            store_content: stores,
            ...(stores && { content_retention_days: Number(days) }),
          },
        }),
      ),
    onSuccess: async (saved) => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['projects'] }),
        queries.invalidateQueries({ queryKey: ['limits'] }),
        queries.invalidateQueries({ queryKey: meQuery.queryKey }),
      ]);
      toast({ title: `Settings of ${saved.name} are saved` });
      onClose();
    },
  });
  const loses = project.store_content && !stores;
  return (
    <FormDialog
      title={`Settings of ${project.name}`}
      action={loses ? 'Save and delete content' : 'Save settings'}
      danger={loses}
      busy={save.isPending}
      error={formError(save.error, 'name', 'content_retention_days')}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <Field
        label="Name"
        error={fieldError(save.error, 'name')}
        {...(isDefault && { hint: 'The first project keeps its name.' })}
      >
        {(control) => (
          <Input
            {...control}
            required
            maxLength={200}
            disabled={isDefault}
            autoComplete="off"
            value={name}
            onChange={(event) => {
              setName(event.target.value);
              save.reset();
            }}
          />
        )}
      </Field>
      <div className="flex items-start gap-3">
        <Switch id={switchId} checked={stores} onChange={setStores} aria-describedby={`${switchId}-hint`} />
        <div>
          <label htmlFor={switchId} className="text-sm font-medium">
            Store what is asked and answered
          </label>
          <p id={`${switchId}-hint`} className="mt-0.5 text-xs text-muted">
            Whoever may read the logs of this project reads it there. It holds for requests from now on.
          </p>
        </div>
      </div>
      {stores && (
        <Field
          label="Days until it is deleted"
          hint="A shorter time holds for what is stored already, too."
          error={fieldError(save.error, 'content_retention_days')}
        >
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={3650}
              required
              className="max-w-32 tabular"
              value={days}
              onChange={(event) => setDays(event.target.value)}
            />
          )}
        </Field>
      )}
      {loses && (
        <p role="alert" className="text-sm text-danger">
          All content that is stored is deleted at once, stored completions too. This can’t be undone.
        </p>
      )}
    </FormDialog>
  );
}
