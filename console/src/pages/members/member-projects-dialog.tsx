import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, read } from '../../api/client.ts';
import { type Member, type Project, projectsQuery } from '../../api/organization.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Select } from '../../ui/select.tsx';
import { ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { type ProjectMember, projectMembersQuery } from './queries.ts';

type ProjectRole = ProjectMember['role'] | 'none';

const choices: { value: ProjectRole; label: string }[] = [
  { value: 'none', label: 'Not in it' },
  { value: 'member', label: 'Member' },
  { value: 'owner', label: 'Owner' },
];

/** The projects that somebody is in. Each choice holds at once. */
export function MemberProjectsDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const projects = useQuery(projectsQuery());
  const lists = useQueries({ queries: (projects.data ?? []).map(({ id }) => projectMembersQuery(id)) });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Projects of ${member.name}`}
      description="An owner of a project may rename it and say who is in it."
      actions={
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      {projects.isLoadingError ? (
        <ErrorState compact error={projects.error} onRetry={() => void projects.refetch()} />
      ) : projects.isPending || lists.some(({ isPending }) => isPending) ? (
        <SkeletonRows rows={3} />
      ) : (
        <ul className="divide-y divide-line">
          {projects.data.map((project, index) => (
            <li key={project.id} className="flex items-center justify-between gap-4 py-2">
              <span className="min-w-0 truncate text-sm">{project.name}</span>
              <ProjectRoleSelect
                member={member}
                project={project}
                role={lists[index]?.data?.find(({ id }) => id === member.id)?.role ?? 'none'}
              />
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function ProjectRoleSelect({
  member,
  project,
  role,
}: {
  member: Member;
  project: Project;
  role: ProjectRole;
}) {
  const queries = useQueryClient();
  const path = { project_id: project.id, user_id: member.id };
  const change = useMutation({
    mutationFn: async (next: ProjectRole) => {
      if (next === 'none')
        await read(
          api.DELETE('/v1/organization/projects/{project_id}/users/{user_id}', { params: { path } }),
        );
      else if (role === 'none')
        await read(
          api.POST('/v1/organization/projects/{project_id}/users', {
            params: { path: { project_id: project.id } },
            body: { user_id: member.id, role: next },
          }),
        );
      else
        await read(
          api.POST('/v1/organization/projects/{project_id}/users/{user_id}', {
            params: { path },
            body: { role: next },
          }),
        );
    },
    onError: (error) => toast({ title: 'Nothing was changed', description: error.message, tone: 'danger' }),
    onSettled: () => queries.invalidateQueries({ queryKey: projectMembersQuery(project.id).queryKey }),
  });
  return (
    <Select
      label={`Role in ${project.name}`}
      size="small"
      className="h-8 min-w-28"
      value={change.isPending ? change.variables : role}
      options={choices}
      disabled={change.isPending}
      onChange={(next) => change.mutate(next)}
    />
  );
}
