import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { api, read } from '../../api/client.ts';
import { fieldError } from '../../api/failure.ts';
import { chosenProjectId } from '../../api/project.ts';
import { meQuery } from '../../api/session.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input } from '../../ui/input.tsx';
import { toast } from '../../ui/toast.tsx';

const formId = 'make-project';

/** A name makes a project. */
export function MakeProjectDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const make = useMutation({
    mutationFn: () => read(api.POST('/v1/organization/projects', { body: { name: name.trim() } })),
    onSuccess: async (project) => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['projects'] }),
        queries.invalidateQueries({ queryKey: ['limits'] }),
        queries.invalidateQueries({ queryKey: meQuery.queryKey }),
      ]);
      toast({
        title: `${project.name} is made`,
        action: { label: 'Switch to it', onClick: () => chosenProjectId.set(project.id) },
      });
      onClose();
    },
  });
  const wrongName = fieldError(make.error, 'name');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Make a project"
      description="For a product, a team or a test: its keys, logs and budget are its own."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" busy={make.isPending}>
            Make project
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Name" error={wrongName}>
          {(control) => (
            <Input
              {...control}
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to type this
              autoFocus
              required
              maxLength={200}
              autoComplete="off"
              value={name}
              onChange={(event) => {
                setName(event.target.value);
                make.reset();
              }}
            />
          )}
        </Field>
        {make.error && wrongName === null && (
          <p role="alert" className="text-sm text-danger">
            {make.error.message}
          </p>
        )}
      </form>
    </Dialog>
  );
}
