import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from '@weai/protocol/errors';
import { formatEvent, streamDone } from '@weai/protocol/sse';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { type AuditEventType, recordAct } from '../audit/audit.ts';
import type { Tables } from '../db/tables.ts';
import { cancellationOf } from '../http/running-requests.ts';
import { ClientDisconnected, EventStream } from '../http/sse.ts';
import type { ModelOverview } from '../models/overview.ts';
import type { Pulls } from '../models/pulls.ts';
import { actorOf, administratorOf } from './access.ts';
import { modelAsSeenBy } from './deployment-view.ts';
import { booleanSchema, parseBody, parseQuery } from './fields.ts';

export interface ModelAdministration {
  overview: ModelOverview;
  pulls: Pulls;
  /** Whether the server is about to end: who watches a download doesn't hold it up. */
  isDraining: () => boolean;
}

interface WithModel {
  Params: { model_id: string };
}

const watchQuery = z.strictObject({ stream: booleanSchema.optional() });
const noFields = z.strictObject({});
const pullPath = '/v1/organization/models/:model_id/pull';

/** /v1/organization/models: what there is, what serves it and how it is, and downloads of weights. */
export function modelAdministrationRoutes(
  app: FastifyInstance,
  { kysely, overview, pulls, isDraining }: ModelAdministration & { kysely: Kysely<Tables> },
): void {
  app.get('/v1/organization/models', async (request) => {
    parseQuery(noFields, request.query);
    return { object: 'list', data: (await overview.list()).map((model) => modelAsSeenBy(request, model)) };
  });

  app.get<WithModel>('/v1/organization/models/:model_id', async (request) =>
    modelAsSeenBy(request, await overview.get(request.params.model_id)),
  );

  app.post<WithModel>(pullPath, async (request, reply) => {
    parseBody(noFields, request.body ?? {});
    const { model_id: id } = request.params;
    const pull = await pulls.start(id, () => record(request, 'model.pull_started', id));
    return reply.status(202).send(pull);
  });

  app.post<WithModel>(`${pullPath}/cancel`, async (request) => {
    parseBody(noFields, request.body ?? {});
    const { model_id: id } = request.params;
    const pull = await pulls.cancel(id);
    await record(request, 'model.pull_cancelled', id);
    return pull;
  });

  app.get<WithModel>(pullPath, async (request, reply) => {
    const { stream } = parseQuery(watchQuery, request.query);
    const { model_id: id } = request.params;
    const pull = await pulls.status(id);
    if (stream !== true) return pull;
    const events = new EventStream(reply);
    try {
      for await (const state of pulls.watch(id, cancellationOf(request))) {
        if (isDraining())
          throw new ApiError('server_draining', 'This server is shutting down: look again later.');
        await events.write(formatEvent(JSON.stringify(state)));
      }
      if (!cancellationOf(request).aborted) events.end(formatEvent(streamDone));
      else events.abandon();
    } catch (error) {
      events.abandon();
      if (error instanceof ClientDisconnected) return;
      if (!events.started || !(error instanceof ApiError)) throw error;
      events.fail(error);
    }
  });

  async function record(request: FastifyRequest, type: AuditEventType, modelId: string): Promise<void> {
    const { organizationId } = administratorOf(request);
    const act = { type, actor: actorOf(request), organizationId, projectId: null, resourceId: modelId };
    await recordAct(kysely, { ...act, before: null, after: null });
  }
}
