import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, read } from '../../api/client.ts';
import type { components } from '../../api/openapi.ts';
import type { LogSearch } from './search.ts';

export type LoggedRequest = components['schemas']['LoggedRequest'];
export type LoggedRequestDetail = components['schemas']['LoggedRequestDetail'];

const pageSize = 50;
/** How often the newest page is read again. */
const refreshMs = 5000;

/** One page of requests, the latest first. */
export function logQuery(search: LogSearch) {
  const { request: _open, ...filters } = search;
  return queryOptions({
    queryKey: ['requests', filters],
    placeholderData: keepPreviousData,
    // What an older page shows doesn't change.
    ...(search.after === undefined ? { refetchInterval: refreshMs } : { staleTime: Infinity }),
    queryFn: () =>
      read(
        api.GET('/v1/organization/requests', {
          params: {
            query: {
              limit: pageSize,
              after: search.after,
              models: search.models,
              api_key_ids: search.keys,
              project_ids: search.projects,
              statuses: search.statuses,
              ...(search.requestId !== undefined && { request_ids: [search.requestId] }),
              min_duration_ms: search.slower,
              ...(search.hours !== undefined && {
                start_time: Math.floor(Date.now() / 1000) - search.hours * 3600,
              }),
            },
          },
        }),
      ),
  });
}

/** One request, with what was asked and answered where its project stores that. */
export function requestQuery(id: string) {
  return queryOptions({
    queryKey: ['request', id],
    queryFn: () =>
      read(api.GET('/v1/organization/requests/{request_id}', { params: { path: { request_id: id } } })),
  });
}
