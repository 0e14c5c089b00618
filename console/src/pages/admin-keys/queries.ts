import { queryOptions } from '@tanstack/react-query';
import { api, read } from '../../api/client.ts';
import type { paths } from '../../api/openapi.ts';
import { everyPage } from '../../api/organization.ts';

export type AdminKey =
  paths['/v1/organization/admin_api_keys']['get']['responses'][200]['content']['application/json']['data'][number];

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
