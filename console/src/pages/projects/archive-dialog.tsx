import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, read } from '../../api/client.ts';
import type { Project } from '../../api/organization.ts';
import { chosenProjectId } from '../../api/project.ts';
import { meQuery } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { toast } from '../../ui/toast.tsx';

/** Asks before a project ends. */
export function ArchiveDialog({ project, onClose }: { project: Project; onClose: () => void }) {
  const queries = useQueryClient();
  const archive = useMutation({
    mutationFn: () =>
      read(
        api.POST('/v1/organization/projects/{project_id}/archive', {
          params: { path: { project_id: project.id } },
        }),
      ),
    onSuccess: async () => {
      toast({ title: `${project.name} is archived` });
      onClose();
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['projects'] }),
        queries.invalidateQueries({ queryKey: ['limits'] }),
        queries.invalidateQueries({ queryKey: meQuery.queryKey }),
      ]);
      if (chosenProjectId.get() === project.id) chosenProjectId.set(null);
    },
  });
  return (
    <ConfirmDialog
      title={`Archive ${project.name}?`}
      action="Archive project"
      busy={archive.isPending}
      error={archive.error}
      onConfirm={() => archive.mutate()}
      onClose={onClose}
    >
      <p>
        Its keys stop working within a second, and nobody can work in it any more. This can’t be undone; its
        usage and logs stay.
      </p>
    </ConfirmDialog>
  );
}
