import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../../api/client.ts';
import { fieldError, formError } from '../../api/failure.ts';
import { useMe } from '../../api/session.ts';
import { changeOf, emptyDraft, limitsAnything } from '../../limits/draft.ts';
import { LimitFields } from '../../limits/fields.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { keyReady } from '../../ui/key-ready.ts';
import { NameField } from '../../ui/name-field.tsx';
import { NewKey } from './new-key.tsx';

export interface MakeKeyDialogProps {
  project: { id: string; name: string };
  /** What it is called unless one types another name: that of a key it replaces. */
  suggestedName?: string;
  onClose: () => void;
}

interface MadeKey {
  name: string;
  value: string;
  /** Why its limits could not be set; null when they are. */
  unlimitedBecause: string | null;
}

/** A name, perhaps limits; then the key, once. */
export function MakeKeyDialog({ project, suggestedName = '', onClose }: MakeKeyDialogProps) {
  const { can } = useMe();
  const queries = useQueryClient();
  const [name, setName] = useState(suggestedName);
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
  return (
    <FormDialog
      title={`Make a key for ${project.name}`}
      size="medium"
      action="Make key"
      busy={make.isPending}
      error={formError(make.error, 'name')}
      onSubmit={() => make.mutate()}
      onClose={onClose}
      result={
        make.data &&
        keyReady(
          make.data.name,
          <>
            <NewKey value={make.data.value} />
            {make.data.unlimitedBecause !== null && (
              <p role="alert" className="mt-4 text-sm text-danger">
                Its limits are not set: {make.data.unlimitedBecause} Set them in the list.
              </p>
            )}
          </>,
        )
      }
    >
      <NameField
        hint="What it is for, so that you know later which one to revoke: “website”, “Ana’s laptop”."
        error={fieldError(make.error, 'name')}
        value={name}
        onChange={setName}
      />
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
    </FormDialog>
  );
}
