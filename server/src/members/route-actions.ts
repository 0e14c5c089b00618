import type { Action } from './roles.ts';

/**
 * What each route of /v1 does, in the words of the table of permissions. A route that isn't listed is open to owners and admin keys
 * alone; a test fails until it is listed.
 */
export const routeActions: Readonly<Record<string, Action>> = {
  'GET /v1/models': 'models.read',
  'GET /v1/models/*': 'models.read',
  'POST /v1/chat/completions': 'models.use',
  'GET /v1/chat/completions': 'requests.read',
  'GET /v1/chat/completions/:completion_id': 'requests.read',
  'GET /v1/chat/completions/:completion_id/messages': 'requests.read',
  'POST /v1/chat/completions/:completion_id': 'models.use',
  'DELETE /v1/chat/completions/:completion_id': 'models.use',

  'GET /v1/playground/conversations': 'playground.read',
  'POST /v1/playground/conversations': 'playground.write',
  'GET /v1/playground/conversations/:id': 'playground.read',
  'POST /v1/playground/conversations/:id': 'playground.write',
  'DELETE /v1/playground/conversations/:id': 'playground.write',
  'GET /v1/playground/presets': 'playground.read',
  'POST /v1/playground/presets': 'playground.write',
  'GET /v1/playground/presets/:id': 'playground.read',
  'POST /v1/playground/presets/:id': 'playground.write',
  'DELETE /v1/playground/presets/:id': 'playground.write',
  'GET /v1/playground/comparisons': 'playground.read',
  'POST /v1/playground/comparisons': 'playground.write',
  'GET /v1/playground/comparisons/:id': 'playground.read',
  'POST /v1/playground/comparisons/:id': 'playground.write',
  'DELETE /v1/playground/comparisons/:id': 'playground.write',
  'GET /v1/playground/comparisons/:id/votes': 'playground.read',
  'POST /v1/playground/comparisons/:id/votes': 'playground.write',
  'DELETE /v1/playground/comparisons/:id/votes/:prompt_id': 'playground.write',

  'GET /v1/organization/projects': 'projects.read',
  'POST /v1/organization/projects': 'projects.create',
  'GET /v1/organization/projects/:project_id': 'projects.read',
  'POST /v1/organization/projects/:project_id': 'projects.manage',
  'POST /v1/organization/projects/:project_id/archive': 'projects.create',
  'GET /v1/organization/projects/:project_id/api_keys': 'api_keys.read',
  'POST /v1/organization/projects/:project_id/api_keys': 'api_keys.manage',
  'GET /v1/organization/projects/:project_id/api_keys/:api_key_id': 'api_keys.read',
  'DELETE /v1/organization/projects/:project_id/api_keys/:api_key_id': 'api_keys.manage',
  'GET /v1/organization/projects/:project_id/rate_limits': 'limits.read',
  'POST /v1/organization/projects/:project_id/rate_limits/:rate_limit_id': 'limits.manage',
  'GET /v1/organization/limits': 'limits.read',
  'GET /v1/organization/limits/:kind/:subject_id': 'limits.read',
  'POST /v1/organization/limits/:kind/:subject_id': 'limits.manage',
  'GET /v1/organization/admin_api_keys': 'admin_keys.manage',
  'POST /v1/organization/admin_api_keys': 'admin_keys.manage',
  'GET /v1/organization/admin_api_keys/:key_id': 'admin_keys.manage',
  'DELETE /v1/organization/admin_api_keys/:key_id': 'admin_keys.manage',
  'GET /v1/organization/audit_logs': 'audit_logs.read',
  'GET /v1/organization/usage/completions': 'usage.read',
  'GET /v1/organization/costs': 'usage.read',
  'GET /v1/organization/requests': 'requests.read',
  'GET /v1/organization/requests/:request_id': 'requests.read',
  'GET /v1/organization/models': 'deployments.read',
  'GET /v1/organization/models/:model_id': 'deployments.read',
  'GET /v1/organization/models/:model_id/pull': 'deployments.read',
  'POST /v1/organization/models/:model_id/pull': 'deployments.manage',
  'POST /v1/organization/models/:model_id/pull/cancel': 'deployments.manage',
  'GET /v1/organization/deployments': 'deployments.read',
  'POST /v1/organization/deployments': 'deployments.manage',
  'POST /v1/organization/deployments/test': 'deployments.manage',
  'GET /v1/organization/deployments/*': 'deployments.read',
  'DELETE /v1/organization/deployments/*': 'deployments.manage',
};

/** What a route does; null for one that isn't listed. HEAD is answered as GET is. */
export function actionOf(method: string, route: string | undefined): Action | null {
  return routeActions[`${method === 'HEAD' ? 'GET' : method} ${route ?? ''}`] ?? null;
}
