import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import type { Role } from '../db/people-tables.ts';
import type { DeploymentDetails } from '../models/model-details.ts';
import { asSeenBy } from './deployment-view.ts';

const capabilities = {
  text: true,
  image_input: false,
  tools: true,
  structured_output: true,
  logprobs: true,
} as const;
const deployment: DeploymentDetails = {
  object: 'organization.deployment',
  id: 'remote/m/1',
  model: 'm',
  upstream_model: 'm',
  kind: 'vllm',
  origin: 'connected',
  url: 'http://10.0.0.7:8000/v1',
  api_key_env: 'GPU_API_KEY',
  state: 'failed',
  reason: "It can't be reached (ECONNREFUSED).",
  restarts: null,
  context_tokens: 1,
  capabilities,
  machine_usd_per_hour: '0.00',
  load: {
    in_flight: 0,
    running: null,
    queued: null,
    tokens_per_second: 0,
    queue_ms: null,
    time_to_first_token_ms: null,
  },
};

/** The deployment as somebody of that role gets it; null is an admin key. */
async function shownTo(role: Role | null): Promise<DeploymentDetails> {
  const app = fastify();
  const member = role === null ? null : { role, sessionId: 's', userId: 'u' };
  app.decorateRequest('administrator', null);
  app.addHook('onRequest', (request, _reply, done) => {
    request.administrator = { organizationId: 'o', keyId: 'u', member, projectIds: null };
    done();
  });
  app.get('/', (request) => asSeenBy(request, deployment));
  const answer = await app.inject('/');
  await app.close();
  return answer.json<DeploymentDetails>();
}

test.each([null, 'owner', 'admin'] as const)(
  '%s, who may change deployments, sees where they are',
  async (role) => {
    expect(await shownTo(role)).toEqual(deployment);
  },
);

test.each(['member', 'viewer'] as const)('%s sees what a deployment does, not where it is', async (role) => {
  expect(await shownTo(role)).toEqual({ ...deployment, url: null, api_key_env: null, reason: null });
});
