import type { AddressInfo } from 'node:net';
import { ApiError } from '@weai/protocol/errors';
import { type FastifyInstance, fastify } from 'fastify';
import { pino } from 'pino';
import type { Deployment } from '../engines/deployment.ts';
import { answerErrors } from '../errors.ts';
import { RunningRequests } from '../http/running-requests.ts';
import { Router } from '../routing/router.ts';
import { type ChatDependencies, chatRoutes } from './routes.ts';

/** The chat route alone on a port of its own, in front of these deployments; `stand-in` is a name that the first stands in for. `prepare` mounts what goes before it. */
export async function chatServer(
  deployments: Deployment[],
  options: Partial<ChatDependencies> = {},
  prepare: (app: FastifyInstance) => void = () => undefined,
): Promise<{ app: FastifyInstance; url: string; router: Router; running: RunningRequests }> {
  const app = fastify({ genReqId: () => 'request-1' });
  answerErrors(app, pino({ level: 'silent' }));
  app.decorateRequest('identity', null);
  const running = new RunningRequests();
  running.mount(app);
  prepare(app);
  app.addHook('onRequest', (request, reply, done) => {
    request.identity = { keyId: 'key-1', projectId: 'project-1', organizationId: 'organization-1' };
    void reply.header('x-request-id', request.id);
    done();
  });
  const router = new Router();
  chatRoutes(app, {
    models: {
      resolve: (requested) => {
        if (requested === 'unknown')
          throw new ApiError('model_not_found', 'No such model.', { param: 'model' });
        return { requested, modelId: 'test-model', standIn: requested === 'stand-in', deployments };
      },
    },
    router,
    ...options,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address is one
  const { port } = app.server.address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}/v1/chat/completions`, router, running };
}

/** Sends a request with one message, and what else is given. */
export async function post(
  url: string,
  fields: object = {},
  signal?: AbortSignal,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...fields }),
    ...(signal === undefined ? {} : { signal }),
  });
}
