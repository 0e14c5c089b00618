import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ApiError } from '@weai/protocol/errors';
import type { Capabilities, Deployment } from '../engines/deployment.ts';
import type { EngineDevice, LocalEngineSpec } from '../engines/supervisor.ts';
import { type CatalogueEntry, type Licence, starterModelId } from './catalogue.ts';
import type { Declarations } from './declared.ts';
import type { RemoteDeployment } from './remotes.ts';

/** What is known of a model, whoever serves it. */
export interface ModelDescription {
  id: string;
  title: string;
  created: number;
  ownedBy: string;
  licence: Licence | null;
  parameters: number | null;
  contextTokens: number | null;
  sizeBytes: number | null;
  capabilities: Omit<Capabilities, 'contextTokens'>;
  /** In the catalogue, so that `weai pull` can fetch it and the starter may stand in. */
  inCatalogue: boolean;
}

export interface InventoryModel {
  description: ModelDescription;
  deployments: Deployment[];
  /** The engine of this machine that must run for it. */
  localEngine: LocalEngineSpec | null;
  /** Remotes that are configured and can't be used, each with a sentence that says why. */
  leftOut: { remote: RemoteDeployment; reason: string }[];
}

export interface InventorySources {
  catalogue: readonly CatalogueEntry[];
  /** Paths of the catalogue's weights that are on this machine, by model. */
  presentWeights: ReadonlyMap<string, string>;
  declarations: Pick<Declarations, 'file' | 'remotes' | 'weights' | 'descriptions'>;
  /** Connected remotes. */
  remotes: readonly RemoteDeployment[];
  /** Directory of the engines' sockets. */
  socketDirectory: string;
  readSecret: (variableName: string) => string | null;
  engineDevice: EngineDevice;
  threads: number | null;
  contextTokens: number | null;
}

const openCapabilities = { imageInput: false, tools: true, structuredOutput: true, logprobs: true };

/** Puts together which model is served by which deployments: catalogue first, then the others by name. Pure. */
export function takeInventory(sources: InventorySources): InventoryModel[] {
  const models = new Map<string, InventoryModel>();
  for (const entry of sources.catalogue) {
    models.set(entry.id, emptyModel(describe(entry)));
  }
  for (const model of models.values()) {
    const path = sources.presentWeights.get(model.description.id);
    if (path !== undefined) addLocal(model, path, sources);
  }
  for (const declared of sources.declarations.weights) {
    const model = findOrAdd(models, declared.modelId, declared.created);
    describeAsDeclared(model, sources);
    model.description.sizeBytes = declared.sizeBytes;
    model.deployments = [];
    addLocal(model, declared.path, sources);
  }
  for (const remote of [...sources.declarations.remotes, ...sources.remotes]) {
    const model = findOrAdd(models, remote.modelId, remote.created);
    describeAsDeclared(model, sources);
    addRemote(model, remote, sources);
  }
  const known = new Set(sources.catalogue.map(({ id }) => id));
  const all = [...models.values()];
  const others = all.filter(({ description }) => !known.has(description.id));
  return [
    ...all.filter(({ description }) => known.has(description.id)),
    ...others.toSorted((a, b) => a.description.id.localeCompare(b.description.id)),
  ];
}

/** The model that stands in for one that has no deployment; null where none may or can. */
export function standInFor(
  model: InventoryModel,
  models: readonly InventoryModel[],
  standIn: boolean,
): InventoryModel | null {
  if (!standIn || !model.description.inCatalogue || model.deployments.length > 0) return null;
  const starter = models.find(({ description }) => description.id === starterModelId);
  return starter !== undefined && starter !== model && starter.deployments.length > 0 ? starter : null;
}

/** How a person makes a model available here. */
export function howToInstall({ id, inCatalogue }: ModelDescription): string {
  const connect = `./weai models connect ${id} --url http://host:8000/v1`;
  return inCatalogue
    ? `Run \`./weai pull ${id}\` to serve it on this machine, or \`${connect}\` to use an engine elsewhere.`
    : `Run \`${connect}\` to use an engine elsewhere.`;
}

/** The 404 for a name that no model has. The name comes from outside and is shown shortened. */
export function modelNotFound(requested: string): ApiError {
  const shown = requested.length > 100 ? `${requested.slice(0, 100)}…` : requested;
  return new ApiError(
    'model_not_found',
    `The model \`${shown}\` does not exist. GET /v1/models, or \`weai models\` on the server, lists what there is.`,
    { param: 'model' },
  );
}

/**
 * Path of a local engine's socket. Names that don't fit a file name, or sockets' limit of 107 bytes (`sun_path` of
 * unix(7) less its final NUL), are replaced by a hash.
 */
export function engineSocketPath(directory: string, modelId: string): string {
  const plain = join(directory, `${modelId}.sock`);
  if (/^[A-Za-z0-9._-]+$/.test(modelId) && Buffer.byteLength(plain) <= 107) return plain;
  return join(directory, `${createHash('sha256').update(modelId).digest('hex').slice(0, 16)}.sock`);
}

function emptyModel(description: ModelDescription): InventoryModel {
  return { description, deployments: [], localEngine: null, leftOut: [] };
}

function describe(entry: CatalogueEntry): ModelDescription {
  const { weights, family: _, ...rest } = entry;
  return { ...rest, sizeBytes: weights.sizeBytes, inCatalogue: true };
}

/** What the operator writes about own models is nearer to the truth than the catalogue. */
function describeAsDeclared({ description }: InventoryModel, { declarations }: InventorySources): void {
  const declared = declarations.descriptions.get(description.id);
  description.title = declared?.title ?? description.title;
  description.ownedBy = declared?.ownedBy ?? description.ownedBy;
  description.licence = declared?.licence ?? description.licence;
  description.contextTokens = declared?.contextTokens ?? description.contextTokens;
}

function findOrAdd(models: Map<string, InventoryModel>, id: string, created: number): InventoryModel {
  const found = models.get(id);
  if (found !== undefined) return found;
  const added = emptyModel({
    id,
    title: id,
    created,
    ownedBy: 'operator',
    licence: null,
    parameters: null,
    contextTokens: null,
    sizeBytes: null,
    capabilities: openCapabilities,
    inCatalogue: false,
  });
  models.set(id, added);
  return added;
}

function addLocal(model: InventoryModel, weightsPath: string, sources: InventorySources): void {
  const { id, capabilities } = model.description;
  const socketPath = engineSocketPath(sources.socketDirectory, id);
  const deploymentId = `embedded/${id}`;
  model.deployments.push({
    id: deploymentId,
    modelId: id,
    upstreamModel: id,
    kind: 'embedded',
    endpoint: { socketPath },
    apiKey: null,
    capabilities: {
      ...capabilities,
      contextTokens: smallest(model.description.contextTokens, sources.contextTokens),
    },
  });
  model.localEngine = {
    deploymentId,
    weightsPath,
    socketPath,
    alias: id,
    device: sources.engineDevice,
    ...(sources.threads === null ? {} : { threads: sources.threads }),
    ...(sources.contextTokens === null ? {} : { contextTokens: sources.contextTokens }),
  };
}

function addRemote(model: InventoryModel, remote: RemoteDeployment, sources: InventorySources): void {
  const apiKey = remote.apiKeyEnv === null ? null : sources.readSecret(remote.apiKeyEnv);
  if (remote.apiKeyEnv !== null && apiKey === null) {
    const reason = `The variable ${remote.apiKeyEnv}, which should hold its key, is not set for the server.`;
    model.leftOut.push({ remote, reason });
    return;
  }
  model.deployments.push({
    id: remote.id,
    modelId: remote.modelId,
    upstreamModel: remote.upstreamModel,
    kind: remote.kind,
    endpoint: { baseUrl: remote.baseUrl },
    apiKey,
    capabilities: {
      ...model.description.capabilities,
      imageInput: remote.imageInput,
      contextTokens: remote.contextTokens ?? model.description.contextTokens,
    },
  });
}

function smallest(...values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}
