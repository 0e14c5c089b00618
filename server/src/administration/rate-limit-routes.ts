import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Tables } from '../db/tables.ts';
import { type Limits, setLimits } from '../limits/limits.ts';
import { getProject, refuseArchived } from '../projects/administration.ts';
import { actorOf } from './access.ts';
import { pageFields, parseBody, parseQuery, textSchema } from './fields.ts';
import { listPage, refuseUnknownCursor } from './list.ts';
import { referenceOf } from './project-routes.ts';

/** The id of a project's one rate limit, which holds for all models together. */
const rateLimitId = 'rl-all';
/** Shown where nothing is limited, since OpenAI's shape has no word for that: the largest limit that can be set. */
const largestLimit = 2_147_483_647;

const listQuery = z.strictObject({ ...pageFields, before: textSchema.optional() });
const limit = z.int().min(0).max(largestLimit).nullable().optional();
const unsupported = z
  .unknown()
  .refine((value) => value === undefined, 'this cannot be limited; requests and tokens per minute can')
  .optional();
/** What changes a rate limit. */
export const rateLimitBody = z.strictObject({
  max_requests_per_1_minute: limit,
  max_tokens_per_1_minute: limit,
  max_images_per_1_minute: unsupported,
  max_audio_megabytes_per_1_minute: unsupported,
  max_requests_per_1_day: unsupported,
  batch_1_day_max_input_tokens: unsupported,
});
const list = '/v1/organization/projects/:project_id/rate_limits';

interface WithProject {
  Params: { project_id: string };
}

interface WithRateLimit {
  Params: { project_id: string; rate_limit_id: string };
}

/**
 * /v1/organization/projects/{project_id}/rate_limits. A project has one, `rl-all`, for the model `*`: WeAI limits projects, not
 * models within them. As an extension, null takes a limit away.
 */
export function rateLimitRoutes(app: FastifyInstance, { kysely }: { kysely: Kysely<Tables> }): void {
  app.get<WithProject>(list, async (request) => {
    const { id } = await getProject(kysely, referenceOf(request));
    const { limit = 100, after, before } = parseQuery(listQuery, request.query);
    const known = await kysely
      .selectFrom('limits')
      .select(['requests_per_minute as requestsPerMinute', 'tokens_per_minute as tokensPerMinute'])
      .where('subject_kind', '=', 'project')
      .where('subject_id', '=', id)
      .executeTakeFirst();
    const only = rateLimitObject(known ?? { requestsPerMinute: null, tokensPerMinute: null });
    if (after !== undefined) refuseUnknownCursor('after', after === only.id ? only : undefined);
    if (before !== undefined) refuseUnknownCursor('before', before === only.id ? only : undefined);
    return listPage(after === undefined && before === undefined ? [only] : [], limit);
  });

  app.post<WithRateLimit>(`${list}/:rate_limit_id`, async (request) => {
    const project = await getProject(kysely, referenceOf(request));
    if (request.params.rate_limit_id !== rateLimitId) {
      throw new ApiError('not_found', `No rate limit found with id '${request.params.rate_limit_id}'.`, {
        param: 'rate_limit_id',
      });
    }
    refuseArchived(project);
    const body = parseBody(rateLimitBody, request.body);
    const changes: Partial<Limits> = {};
    if (body.max_requests_per_1_minute !== undefined)
      changes.requestsPerMinute = body.max_requests_per_1_minute;
    if (body.max_tokens_per_1_minute !== undefined) changes.tokensPerMinute = body.max_tokens_per_1_minute;
    const { limits } = await setLimits(kysely, 'project', project.id, changes, actorOf(request));
    return rateLimitObject(limits);
  });
}

function rateLimitObject(limits: Pick<Limits, 'requestsPerMinute' | 'tokensPerMinute'>) {
  return {
    object: 'project.rate_limit',
    id: rateLimitId,
    model: '*',
    max_requests_per_1_minute: limits.requestsPerMinute ?? largestLimit,
    max_tokens_per_1_minute: limits.tokensPerMinute ?? largestLimit,
  };
}
