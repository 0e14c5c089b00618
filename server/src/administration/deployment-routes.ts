import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { readSecret, settings } from '../config.ts';
import type { Tables } from '../db/tables.ts';
import { cancellationOf } from '../http/running-requests.ts';
import { type ConnectionRequest, tryRemote } from '../models/connecting.ts';
import { type ConnectionField, ConnectionTestError } from '../models/connection.ts';
import type { ModelOverview } from '../models/overview.ts';
import type { LiveModelRegistry } from '../models/registry.ts';
import { addRemote, engineKinds, type RemoteDeployment, removeRemotes } from '../models/remotes.ts';
import { actorOf, administratorOf } from './access.ts';
import { asSeenBy } from './deployment-view.ts';
import { invalidField, parseBody } from './fields.ts';

export interface DeploymentAdministration {
  overview: ModelOverview;
  registry: Pick<LiveModelRegistry, 'refresh'>;
}

/** For the engine's list of models and one token; it may have to load the model first. */
const testTimeoutMs = 60_000;

/** What connects an engine elsewhere, and what tests it. */
export const deploymentBody = z.strictObject({
  model: z.string().min(1).max(128).describe('The public name that it shall answer for'),
  url: z.string().min(1).max(2000).describe('As in http://host:8000/v1, without credentials'),
  upstream_model: z.string().min(1).max(256).nullish().describe('What the engine calls the model'),
  api_key_env: z
    .string()
    .min(1)
    .max(128)
    .nullish()
    .describe("A variable of the server's environment that holds the key; its name ends in _API_KEY"),
  kind: z.enum(engineKinds).nullish().describe('Found out when left away'),
  image_input: z.boolean().nullish().describe('Whether the engine takes images for this model'),
});

/** What a test of an engine found. */
export const deploymentTestSchema = z.object({
  object: z.literal('organization.deployment.test'),
  model: z.string(),
  url: z.string(),
  kind: z.enum(engineKinds),
  upstream_model: z.string(),
  context_tokens: z.int().nullable(),
  duration_ms: z.int().describe('Of the whole test: its list of models, and one token'),
});

interface WithDeployment {
  Params: { '*': string };
}

const path = '/v1/organization/deployments';

/** /v1/organization/deployments: engines elsewhere, connected by hand. Ids have slashes, so that wildcards take them. */
export function deploymentRoutes(
  app: FastifyInstance,
  { kysely, overview, registry }: DeploymentAdministration & { kysely: Kysely<Tables> },
): void {
  app.get(path, async (request) => ({
    object: 'list',
    data: (await overview.deployments()).map((deployment) => asSeenBy(request, deployment)),
  }));

  app.get<WithDeployment>(`${path}/*`, async (request) => asSeenBy(request, await find(request.params['*'])));

  app.post(`${path}/test`, async (request) => {
    const startedMs = performance.now();
    const remote = await tried(request);
    return {
      object: 'organization.deployment.test',
      model: remote.modelId,
      url: remote.baseUrl,
      kind: remote.kind,
      upstream_model: remote.upstreamModel,
      context_tokens: remote.contextTokens,
      duration_ms: Math.round(performance.now() - startedMs),
    } satisfies z.output<typeof deploymentTestSchema>;
  });

  app.post(path, async (request) => {
    const { organizationId } = administratorOf(request);
    const id = await addRemote(kysely, await tried(request), { actor: actorOf(request), organizationId });
    await registry.refresh();
    return find(id);
  });

  app.delete<WithDeployment>(`${path}/*`, async (request) => {
    const { id, model, origin } = await find(request.params['*']);
    if (origin !== 'connected') {
      throw new ApiError(
        'conflict',
        origin === 'declared'
          ? 'This deployment is declared in weai.yaml: take it out there and restart the server.'
          : `This deployment serves weights of this machine: remove them with \`weai models remove ${model}\`.`,
        { param: 'deployment_id' },
      );
    }
    const { organizationId } = administratorOf(request);
    const [removed] = await removeRemotes(kysely, id, { actor: actorOf(request), organizationId });
    if (removed === undefined) throw unknownDeployment();
    await registry.refresh();
    return { id: removed, object: 'organization.deployment.deleted', deleted: true };
  });

  async function find(id: string) {
    const found = await overview.deployment(id);
    if (found === null) throw unknownDeployment();
    return found;
  }
}

/** A body as an engine that was tried. Throws ApiError that names the field to change. */
async function tried(request: FastifyRequest): Promise<Omit<RemoteDeployment, 'id' | 'created'>> {
  const body = parseBody(deploymentBody, request.body);
  const wanted: ConnectionRequest = {
    modelId: body.model,
    url: body.url,
    upstreamModel: body.upstream_model ?? undefined,
    apiKeyEnv: body.api_key_env ?? undefined,
    kind: body.kind ?? undefined,
    imageInput: body.image_input ?? undefined,
  };
  if (wanted.apiKeyEnv !== undefined) refuseOtherVariables(wanted.apiKeyEnv);
  try {
    const timeout = AbortSignal.timeout(testTimeoutMs);
    const signal = AbortSignal.any([cancellationOf(request), timeout]);
    return await tryRemote(wanted, {
      readSecret: (name) => readSecret(name),
      timeoutMs: testTimeoutMs,
      signal,
    });
  } catch (error) {
    if (error instanceof ConnectionTestError) {
      request.log.info(
        { requestId: request.id, err: error, said: error.said },
        'an engine was tried and can not be connected',
      );
      throw new ApiError('invalid_value', error.message, { param: fields[error.field], cause: error });
    }
    if (!(error instanceof Error) || error.name !== 'TimeoutError') throw error;
    throw invalidField('url', `its engine took longer than ${testTimeoutMs / 1000} seconds to answer`);
  }
}

const fields: Record<ConnectionField, keyof z.input<typeof deploymentBody>> = {
  modelId: 'model',
  url: 'url',
  upstreamModel: 'upstream_model',
  apiKeyEnv: 'api_key_env',
};

/**
 * Whoever may connect an engine may not read the server's environment with it: the variable's value is sent to an address
 * of their choice.
 */
function refuseOtherVariables(name: string): void {
  const ours = Object.values<{ name: string }>(settings).some((setting) => setting.name === name);
  if (/^[A-Z][A-Z0-9_]*_API_KEY$/.test(name) && !ours) return;
  throw invalidField(
    'api_key_env',
    "expected the name of a variable that ends in _API_KEY, and isn't one of WeAI's own; never the key itself",
  );
}

function unknownDeployment(): ApiError {
  return new ApiError('not_found', 'There is no deployment of this id.', { param: 'deployment_id' });
}
