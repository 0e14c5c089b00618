import { queryOptions } from '@tanstack/react-query';
import { api, read } from './client.ts';
import type { paths } from './openapi.ts';

type Body<Operation> = Operation extends {
  responses: { 200: { content: { 'application/json': infer Answer } } };
}
  ? Answer
  : never;

/** Without what is always null: openapi-fetch leaves that out of its types. */
export type Project = Omit<Body<paths['/v1/organization/projects/{project_id}']['get']>, 'external_key_id'>;
export type ApiKey = Body<paths['/v1/organization/projects/{project_id}/api_keys/{api_key_id}']['get']>;
export type Limit = Body<paths['/v1/organization/limits/{kind}/{subject_id}']['get']>;
export type LimitChange =
  paths['/v1/organization/limits/{kind}/{subject_id}']['post']['requestBody']['content']['application/json'];
export type OrganizationModel = Body<paths['/v1/organization/models/{model_id}']['get']>;

const mostPages = 20;

/** All items of a list with cursors, up to 20 pages of it. */
export async function everyPage<Item>(
  readPage: (
    after: string | undefined,
  ) => Promise<{ data: Item[]; has_more: boolean; last_id: string | null }>,
): Promise<Item[]> {
  const all: Item[] = [];
  let after: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const { data, has_more: more, last_id: last } = await readPage(after);
    all.push(...data);
    if (!more || last === null) break;
    after = last;
  }
  return all;
}

export function projectsQuery({ archived = false } = {}) {
  return queryOptions({
    queryKey: ['projects', { archived }],
    queryFn: () =>
      everyPage((after) =>
        read(
          api.GET('/v1/organization/projects', {
            params: { query: { limit: '100', after, ...(archived && { include_archived: 'true' }) } },
          }),
        ),
      ),
  });
}

export function keysQuery(projectId: string, { revoked = false } = {}) {
  return queryOptions({
    queryKey: ['keys', projectId, { revoked }],
    queryFn: () =>
      everyPage((after) =>
        read(
          api.GET('/v1/organization/projects/{project_id}/api_keys', {
            params: {
              path: { project_id: projectId },
              query: { limit: '100', after, ...(revoked && { include_revoked: 'true' }) },
            },
          }),
        ),
      ),
  });
}

/** The organization, its projects and the keys that have limits; of one project when it is named. */
export function limitsQuery(projectId?: string) {
  return queryOptions({
    queryKey: ['limits', projectId ?? null],
    queryFn: () =>
      everyPage((after) =>
        read(
          api.GET('/v1/organization/limits', {
            params: {
              query: {
                limit: '100',
                after,
                ...(projectId !== undefined && { 'project_ids[]': [projectId] }),
              },
            },
          }),
        ),
      ),
  });
}

export const modelsQuery = queryOptions({
  queryKey: ['organization-models'],
  queryFn: async () => (await read(api.GET('/v1/organization/models'))).data,
});

/** A person in the organization. */
export type Member = Body<paths['/v1/organization/users/{user_id}']['get']>;

export const membersQuery = queryOptions({
  queryKey: ['members'],
  queryFn: () =>
    everyPage((after) =>
      read(api.GET('/v1/organization/users', { params: { query: { limit: '100', after } } })),
    ),
});

export type AdminKey = Body<paths['/v1/organization/admin_api_keys']['get']>['data'][number];

/** The admin keys that are not revoked, the latest first. */
export const adminKeysQuery = queryOptions({
  queryKey: ['admin-keys'],
  queryFn: () =>
    everyPage((after) =>
      read(
        api.GET('/v1/organization/admin_api_keys', {
          params: { query: { limit: '100', order: 'desc', after } },
        }),
      ),
    ),
});
