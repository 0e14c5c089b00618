import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Tables } from '../db/tables.ts';
import { findContent } from '../contents/store.ts';
import { readCursor, writeCursor } from '../http/page-cursor.ts';
import { findRequest, listRequests, requestStatuses } from '../requests/request-log.ts';
import { contentObject, requestObject } from '../requests/request-object.ts';
import { administratorOf, visibleProjects } from './access.ts';
import { invalidField, pageFields, parseQuery, textsSchema, timeSchema, wholeNumber } from './fields.ts';

const statuses = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  z.array(z.enum(requestStatuses)).max(requestStatuses.length).optional(),
);

const listQuery = z.strictObject({
  ...pageFields,
  project_ids: textsSchema,
  api_key_ids: textsSchema,
  models: textsSchema,
  request_ids: textsSchema,
  statuses,
  start_time: timeSchema.optional(),
  end_time: timeSchema.optional(),
  min_duration_ms: wholeNumber(0, 2_147_483_647).optional(),
});

interface WithId {
  Params: { request_id: string };
}

/** /v1/organization/requests: every request that was metered, the latest first. An extension of OpenAI's API. */
export function requestRoutes(app: FastifyInstance, { kysely }: { kysely: Kysely<Tables> }): void {
  app.get('/v1/organization/requests', async (request) => {
    const { organizationId } = administratorOf(request);
    const { limit = 20, after: cursor, ...query } = parseQuery(listQuery, request.query);
    const { start_time: start, end_time: end } = query;
    if (start !== undefined && end !== undefined && end <= start)
      throw invalidField('end_time', 'expected a time after start_time');
    const after = cursor === undefined ? undefined : readCursor(cursor);
    if (after === null) throw invalidField('after', 'expected the next_cursor of an answer to this list');
    const filter = {
      organizationId,
      projectIds: visibleProjects(request, query.project_ids),
      apiKeyIds: query.api_key_ids,
      models: query.models,
      statuses: query.statuses,
      requestIds: query.request_ids,
      startMs: start === undefined ? undefined : start * 1000,
      endMs: end === undefined ? undefined : end * 1000,
      minDurationMs: query.min_duration_ms,
    };
    const found = await listRequests(kysely, filter, { limit: limit + 1, after });
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    const more = found.length > limit && last !== undefined;
    return {
      object: 'list',
      data: rows.map(requestObject),
      has_more: more,
      next_cursor: more ? writeCursor({ time: last.started_at, id: last.id }) : null,
    };
  });

  app.get<WithId>('/v1/organization/requests/:request_id', async (request) => {
    const { organizationId } = administratorOf(request);
    const { request_id: id } = request.params;
    const found = await findRequest(kysely, { organizationId, id });
    const visible = visibleProjects(request);
    if (found === undefined || visible?.includes(found.project_id) === false)
      throw new ApiError('not_found', `No request found with id '${id}'.`, { param: 'request_id' });
    const content = await findContent(kysely, { projectId: found.project_id, id });
    return { ...requestObject(found), content: content === undefined ? null : contentObject(content) };
  });
}
