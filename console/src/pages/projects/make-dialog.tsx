import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../../api/client.ts';
import { fieldError, formError } from '../../api/failure.ts';
import { chosenProjectId } from '../../api/project.ts';
import { meQuery } from '../../api/session.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { NameField } from '../../ui/name-field.tsx';
import { toast } from '../../ui/toast.tsx';

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
  return (
    <FormDialog
      title="Make a project"
      description="For a product, a team or a test: its keys, logs and budget are its own."
      action="Make project"
      busy={make.isPending}
      error={formError(make.error, 'name')}
      onSubmit={() => make.mutate()}
      onClose={onClose}
    >
      <NameField
        error={fieldError(make.error, 'name')}
        value={name}
        onChange={(value) => {
          setName(value);
          make.reset();
        }}
      />
    </FormDialog>
  );
}
