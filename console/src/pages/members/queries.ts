import { queryOptions } from '@tanstack/react-query';
import { api, read } from '../../api/client.ts';
import type { paths } from '../../api/openapi.ts';
import { everyPage } from '../../api/organization.ts';

type Listed<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': { data: (infer Item)[] } } } } };
}
  ? Item
  : never;

export type Invite = Listed<'/v1/organization/invites'>;
export type ProjectMember = Listed<'/v1/organization/projects/{project_id}/users'>;

export const invitesQuery = queryOptions({
  queryKey: ['invites'],
  queryFn: () =>
    everyPage((after) =>
      read(api.GET('/v1/organization/invites', { params: { query: { limit: '100', after } } })),
    ),
});

export function projectMembersQuery(projectId: string) {
  return queryOptions({
    queryKey: ['project-members', projectId],
    queryFn: () =>
      everyPage((after) =>
        read(
          api.GET('/v1/organization/projects/{project_id}/users', {
            params: { path: { project_id: projectId }, query: { limit: '100', after } },
          }),
        ),
      ),
  });
}
