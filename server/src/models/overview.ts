import type { Capabilities, Deployment } from '../engines/deployment.ts';
import type { PriceList } from '../ledger/prices.ts';
import type { DeploymentLoad } from '../metrics/recent-load.ts';
import { formatDollars } from '../money.ts';
import { type CatalogueEntry, describeSource } from './catalogue.ts';
import type { DeploymentStatus } from './engine-watch.ts';
import type { InventoryModel, ModelDescription } from './inventory.ts';
import { modelNotFound } from './inventory.ts';
import { fitsMemory, machineMemoryBytes } from './memory.ts';
import type { DeploymentDetails, ModelDetails } from './model-details.ts';
import { modelObject } from './model-object.ts';
import type { Pulls } from './pulls.ts';
import type { LiveModelRegistry } from './registry.ts';
import { hasWeights, partialBytes } from './weights.ts';

export interface OverviewDependencies {
  registry: Pick<LiveModelRegistry, 'inventory' | 'remoteOf'>;
  catalogue: readonly CatalogueEntry[];
  dataDir: string;
  pulls: Pick<Pulls, 'status'>;
  prices: PriceList;
  /** What a deployment does for this server. */
  load: (deploymentId: string) => DeploymentLoad;
  statusOf: (deployment: Deployment) => Promise<DeploymentStatus>;
  /** How often an engine of this machine ended unasked; null for others. */
  restartsOf: (deploymentId: string) => number | null;
}

type Located = ReturnType<LiveModelRegistry['inventory']>[number];

/** Models and deployments as an operator sees them, with what they are doing. */
export class ModelOverview {
  readonly #dependencies: OverviewDependencies;

  constructor(dependencies: OverviewDependencies) {
    this.#dependencies = dependencies;
  }

  async list(): Promise<ModelDetails[]> {
    return Promise.all(this.#dependencies.registry.inventory().map((located) => this.#details(located)));
  }

  /** Throws ApiError model_not_found. */
  async get(modelId: string): Promise<ModelDetails> {
    return this.#details(this.#find(modelId));
  }

  async deployments(): Promise<DeploymentDetails[]> {
    const all = this.#dependencies.registry.inventory().map(({ model }) => this.#deployments(model));
    return (await Promise.all(all)).flat();
  }

  /** Null for an id that no deployment has. */
  async deployment(id: string): Promise<DeploymentDetails | null> {
    return (await this.deployments()).find((deployment) => deployment.id === id) ?? null;
  }

  #find(modelId: string): Located {
    const { registry } = this.#dependencies;
    const found = registry.inventory().find(({ model }) => model.description.id === modelId);
    if (found === undefined) throw modelNotFound(modelId);
    return found;
  }

  async #details({ model, standIn }: Located): Promise<ModelDetails> {
    const { catalogue, prices, pulls } = this.#dependencies;
    const { description } = model;
    const entry = catalogue.find(({ id }) => id === description.id);
    const [deployments, ofStandIn, weights, pull] = await Promise.all([
      this.#deployments(model),
      standIn === null ? [] : this.#deployments(standIn),
      entry === undefined ? null : this.#weights(entry),
      entry === undefined ? null : pulls.status(entry.id),
    ]);
    const states = new Map([...deployments, ...ofStandIn].map(({ id, state }) => [id, state]));
    const { weai } = modelObject(model, standIn, (id) => states.get(id) ?? 'failed');
    const price = prices.tokenPrice(description.id);
    return {
      object: 'organization.model',
      id: description.id,
      title: description.title,
      created: description.created,
      owned_by: description.ownedBy,
      status: weai.status,
      in_catalogue: description.inCatalogue,
      licence: weai.licence,
      parameters: description.parameters,
      context_tokens: contextOf(model),
      usual_completion_tokens: weai.usual_completion_tokens,
      capabilities: capabilitiesOf(union(model)),
      price:
        price === null
          ? null
          : {
              input_usd_per_million: formatDollars(price.input),
              cached_input_usd_per_million: formatDollars(price.cachedInput),
              output_usd_per_million: formatDollars(price.output),
            },
      weights,
      memory: memoryOf(description),
      stand_in:
        standIn === null ? null : { model: standIn.description.id, command: `./weai pull ${description.id}` },
      hint: weai.hint,
      deployments,
      pull,
    };
  }

  async #weights({ weights }: CatalogueEntry): Promise<ModelDetails['weights']> {
    const { dataDir } = this.#dependencies;
    const present = await hasWeights(dataDir, weights);
    const bytes = present ? weights.sizeBytes : await partialBytes(dataDir, weights);
    return {
      file_name: weights.fileName,
      quantization: weights.quantization,
      size_bytes: weights.sizeBytes,
      bytes_on_disk: bytes,
      state: present ? 'present' : bytes > 0 ? 'partial' : 'absent',
      sources: weights.sources.map(describeSource),
    };
  }

  async #deployments(model: InventoryModel): Promise<DeploymentDetails[]> {
    const { statusOf } = this.#dependencies;
    const usable = model.deployments.map(async (deployment) =>
      this.#deployment(deployment, await statusOf(deployment)),
    );
    const leftOut = model.leftOut.map(({ remote, reason }) =>
      this.#deployment(
        {
          ...remote,
          endpoint: { baseUrl: remote.baseUrl },
          capabilities: {
            ...model.description.capabilities,
            imageInput: remote.imageInput,
            contextTokens: remote.contextTokens,
          },
        },
        { state: 'failed', reason, running: null, queued: null },
      ),
    );
    return [...(await Promise.all(usable)), ...leftOut];
  }

  #deployment(deployment: Omit<Deployment, 'apiKey'>, status: DeploymentStatus): DeploymentDetails {
    const { load, prices, registry, restartsOf } = this.#dependencies;
    const { id, endpoint } = deployment;
    const configured = registry.remoteOf(id);
    const { inFlight, tokensPerSecond, queueMs, timeToFirstTokenMs } = load(id);
    return {
      object: 'organization.deployment',
      id,
      model: deployment.modelId,
      upstream_model: deployment.upstreamModel,
      kind: deployment.kind,
      origin: configured === null ? 'weights' : configured.declared ? 'declared' : 'connected',
      url: 'baseUrl' in endpoint ? endpoint.baseUrl : null,
      api_key_env: configured?.remote.apiKeyEnv ?? null,
      state: status.state,
      reason: status.reason,
      restarts: restartsOf(id),
      context_tokens: deployment.capabilities.contextTokens,
      capabilities: capabilitiesOf(deployment.capabilities),
      machine_usd_per_hour: formatDollars(prices.machinePrice(id)),
      load: {
        in_flight: inFlight,
        running: status.running,
        queued: status.queued,
        tokens_per_second: Math.round(tokensPerSecond * 10) / 10,
        queue_ms: queueMs,
        time_to_first_token_ms: timeToFirstTokenMs,
      },
    };
  }
}

type Abilities = Omit<Capabilities, 'contextTokens'>;

/** What at least one of its deployments can; without any, what the model is made for. */
function union({ deployments, description }: InventoryModel): Abilities {
  if (deployments.length === 0) return description.capabilities;
  const some = (ability: keyof Abilities): boolean =>
    deployments.some(({ capabilities }) => capabilities[ability]);
  return {
    imageInput: some('imageInput'),
    tools: some('tools'),
    structuredOutput: some('structuredOutput'),
    logprobs: some('logprobs'),
  };
}

function capabilitiesOf(abilities: Abilities): ModelDetails['capabilities'] {
  return {
    text: true,
    image_input: abilities.imageInput,
    tools: abilities.tools,
    structured_output: abilities.structuredOutput,
    logprobs: abilities.logprobs,
  };
}

function contextOf({ deployments, description }: InventoryModel): number | null {
  const served = deployments
    .map(({ capabilities }) => capabilities.contextTokens)
    .filter((tokens) => tokens !== null);
  return served.length === 0 ? description.contextTokens : Math.max(...served);
}

function memoryOf({ sizeBytes }: ModelDescription): ModelDetails['memory'] {
  if (sizeBytes === null) return null;
  const machineBytes = machineMemoryBytes();
  return { weights_bytes: sizeBytes, machine_bytes: machineBytes, fits: fitsMemory(sizeBytes, machineBytes) };
}
