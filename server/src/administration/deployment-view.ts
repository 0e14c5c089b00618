import type { FastifyRequest } from 'fastify';
import { grantOf } from '../members/roles.ts';
import type { DeploymentDetails, ModelDetails } from '../models/model-details.ts';
import { administratorOf } from './access.ts';

/** A deployment without what only those need to know who may change it: where it is, and what its engine said when it failed. */
export function asSeenBy(request: FastifyRequest, deployment: DeploymentDetails): DeploymentDetails {
  const { member } = administratorOf(request);
  if (member === null || grantOf(member.role, 'deployments.manage') !== 'none') return deployment;
  return { ...deployment, url: null, api_key_env: null, reason: null };
}

/** The same for a model with its deployments. */
export function modelAsSeenBy(request: FastifyRequest, model: ModelDetails): ModelDetails {
  return { ...model, deployments: model.deployments.map((deployment) => asSeenBy(request, deployment)) };
}
