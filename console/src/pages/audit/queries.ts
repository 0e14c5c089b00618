import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, read } from '../../api/client.ts';
import type { paths } from '../../api/openapi.ts';

export type AuditLog =
  paths['/v1/organization/audit_logs']['get']['responses'][200]['content']['application/json']['data'][number];

/** Acts, the latest first, page after page. @param types only of these kinds; all when empty */
export function auditQuery(types: readonly string[], projects: readonly string[]) {
  return infiniteQueryOptions({
    queryKey: ['audit-logs', types, projects],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      read(
        api.GET('/v1/organization/audit_logs', {
          params: {
            query: {
              limit: '50',
              ...(pageParam !== null && { after: pageParam }),
              ...(types.length > 0 && { 'event_types[]': [...types] }),
              ...(projects.length > 0 && { 'project_ids[]': [...projects] }),
            },
          },
        }),
      ),
    getNextPageParam: ({ has_more: more, last_id: last }) => (more ? last : null),
  });
}
