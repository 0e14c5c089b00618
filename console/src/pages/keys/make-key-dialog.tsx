import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { api, read } from '../../api/client.ts';
import { fieldError } from '../../api/failure.ts';
import { useMe } from '../../api/session.ts';
import { changeOf, emptyDraft, limitsAnything } from '../../limits/draft.ts';
import { LimitFields } from '../../limits/fields.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input } from '../../ui/input.tsx';
import { NewKey } from './new-key.tsx';

export interface MakeKeyDialogProps {
  project: { id: string; name: string };
  onClose: () => void;
}

interface MadeKey {
  name: string;
  value: string;
  /** Why its limits could not be set; null when they are. */
  unlimitedBecause: string | null;
}

const formId = 'make-key';

/** A name, perhaps limits; then the key, once. */
export function MakeKeyDialog({ project, onClose }: MakeKeyDialogProps) {
  const { can } = useMe();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [draft, setDraft] = useState(emptyDraft);
  const make = useMutation({
    mutationFn: async (): Promise<MadeKey> => {
      const made = await read(
        api.POST('/v1/organization/projects/{project_id}/api_keys', {
          params: { path: { project_id: project.id } },
          body: { name: name.trim() },
        }),
      );
      // The key is there, and shown this once: what fails from here on is told beside it.
      const unlimitedBecause = limitsAnything(draft) ? await limitKey(made.id) : null;
      return { name: made.name, value: made.value, unlimitedBecause };
    },
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ['keys', project.id] }),
        queries.invalidateQueries({ queryKey: ['limits'] }),
      ]),
  });
  const limitKey = async (id: string): Promise<string | null> => {
    try {
      const path = { kind: 'key', subject_id: id };
      await read(
        api.POST('/v1/organization/limits/{kind}/{subject_id}', { params: { path }, body: changeOf(draft) }),
      );
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : 'The limits could not be set.';
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };

  if (make.isSuccess) {
    return (
      <Dialog
        open
        insistent
        onOpenChange={onClose}
        size="medium"
        title={`${make.data.name} is ready`}
        description="Copy the key now: only its fingerprint is kept, so it can’t be shown again."
        actions={
          <Button variant="primary" onClick={onClose}>
            I have copied it
          </Button>
        }
      >
        <NewKey value={make.data.value} />
        {make.data.unlimitedBecause !== null && (
          <p role="alert" className="mt-4 text-sm text-danger">
            Its limits are not set: {make.data.unlimitedBecause} Set them in the list.
          </p>
        )}
      </Dialog>
    );
  }
  const wrongName = fieldError(make.error, 'name');
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Make a key for ${project.name}`}
      size="medium"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" busy={make.isPending}>
            Make key
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label="Name"
          hint="What it is for, so that you know later which one to revoke: “website”, “Ana’s laptop”."
          error={wrongName}
        >
          {(control) => (
            <Input
              {...control}
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to type this
              autoFocus
              required
              maxLength={200}
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        {can['limits.manage'] === true && (
          <details className="group rounded-lg border px-4 py-2.5 open:pb-4">
            <summary className="text-sm font-medium marker:text-muted">
              Limits and budget <span className="font-normal text-muted">(optional)</span>
            </summary>
            <div className="pt-4">
              <LimitFields draft={draft} onChange={setDraft} errorAt={() => null} />
            </div>
          </details>
        )}
        {make.error && wrongName === null && (
          <p role="alert" className="text-sm text-danger">
            {make.error.message}
          </p>
        )}
      </form>
    </Dialog>
  );
}
