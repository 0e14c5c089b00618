import type OpenAI from 'openai';
import type { EngineKind } from '../engines/deployment.ts';
import { howToInstall, type InventoryModel } from './inventory.ts';

/** How a deployment's engine is at the moment. */
export type DeploymentState = 'ready' | 'starting' | 'restarting' | 'failed' | 'stopped';

/**
 * `ready` answers; `starting` will soon; `stand_in` is answered by another model; `unavailable` has engines that don't
 * answer; `not_installed` has none.
 */
type ModelStatus = 'ready' | 'starting' | 'stand_in' | 'unavailable' | 'not_installed';

/** OpenAI's model object with WeAI's extension. Addresses of engines are not in it: clients need not know them. */
export interface ModelObject extends OpenAI.Models.Model {
  weai: {
    title: string;
    status: ModelStatus;
    stand_in: boolean;
    served_by: {
      model: string;
      deployments: { id: string; kind: EngineKind; state: DeploymentState }[];
    } | null;
    context_tokens: number | null;
    /** How long an answer is at most where its request sets no limit; null: as long as the context has room. */
    usual_completion_tokens: number | null;
    capabilities: { image_input: boolean; tools: boolean; structured_output: boolean; logprobs: boolean };
    licence: { name: string; url: string } | null;
    size_bytes: number | null;
    parameters: number | null;
    /** What to do where the model itself doesn't answer. */
    hint: string | null;
  };
}

/** Describes a model as `/v1/models` shows it. `standIn`: who answers for it, if it is not the model itself. */
export function modelObject(
  model: InventoryModel,
  standIn: InventoryModel | null,
  stateOf: (deploymentId: string) => DeploymentState,
): ModelObject {
  const { description } = model;
  const answering = standIn ?? (model.deployments.length > 0 ? model : null);
  const deployments = (answering?.deployments ?? []).map(({ id, kind }) => ({
    id,
    kind,
    state: stateOf(id),
  }));
  const some = (
    test: (capabilities: InventoryModel['deployments'][number]['capabilities']) => boolean,
  ): boolean => (answering?.deployments ?? []).some((deployment) => test(deployment.capabilities));
  return {
    id: description.id,
    object: 'model',
    created: description.created,
    owned_by: description.ownedBy,
    weai: {
      title: description.title,
      status: statusOf(standIn !== null, deployments),
      stand_in: standIn !== null,
      served_by: answering === null ? null : { model: answering.description.id, deployments },
      context_tokens: largest(
        answering?.deployments.map(({ capabilities }) => capabilities.contextTokens) ?? [
          description.contextTokens,
        ],
      ),
      usual_completion_tokens: usualCompletionTokens(answering),
      capabilities: {
        image_input: some(({ imageInput }) => imageInput),
        tools: some(({ tools }) => tools),
        structured_output: some(({ structuredOutput }) => structuredOutput),
        logprobs: some(({ logprobs }) => logprobs),
      },
      licence: description.licence === null ? null : { ...description.licence },
      size_bytes: description.sizeBytes,
      parameters: description.parameters,
      hint: hintOf(model, standIn),
    },
  };
}

function statusOf(standIn: boolean, deployments: readonly { state: DeploymentState }[]): ModelStatus {
  if (standIn) return 'stand_in';
  if (deployments.length === 0) return 'not_installed';
  if (deployments.some(({ state }) => state === 'ready')) return 'ready';
  if (deployments.some(({ state }) => state === 'starting' || state === 'restarting')) return 'starting';
  return 'unavailable';
}

function hintOf(model: InventoryModel, standIn: InventoryModel | null): string | null {
  if (model.deployments.length > 0) return null;
  const install = howToInstall(model.description);
  return standIn === null
    ? `Nothing serves it here. ${install}`
    : `${standIn.description.id} answers in its place. ${install}`;
}

/** The most that any of its deployments gives by itself; null where one of them has no bound of its own. */
function usualCompletionTokens(answering: InventoryModel | null): number | null {
  const bounds = answering?.deployments.map(({ capabilities }) => capabilities.usualCompletionTokens ?? null);
  return bounds === undefined || bounds.includes(null) ? null : largest(bounds);
}

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
