import { ApiError } from '@weai/protocol/errors';
import { type Config, readSecret } from '../config.ts';
import { socketDirectory } from '../data-directory.ts';
import type { Changes } from '../db/changes.ts';
import type { Database } from '../db/open.ts';
import type { Deployment } from '../engines/deployment.ts';
import type { LocalEngineSpec } from '../engines/supervisor.ts';
import type { Logger } from '../log.ts';
import { catalogue, type CatalogueEntry } from './catalogue.ts';
import { type Declarations, readDeclarations } from './declared.ts';
import { errorMessage } from './download-errors.ts';
import { howToInstall, type InventoryModel, modelNotFound, standInFor, takeInventory } from './inventory.ts';
import { type DeploymentState, modelObject, type ModelObject } from './model-object.ts';
import { listRemotes, type RemoteDeployment } from './remotes.ts';
import { hasWeights, watchWeights, weightsPath } from './weights.ts';

export type { ModelObject } from './model-object.ts';

/** Who answers a request for a model. */
export interface ResolvedModel {
  requested: string;
  /** Public name of what really answers. */
  modelId: string;
  standIn: boolean;
  /** At least one. */
  deployments: Deployment[];
}

/** Which models there are and what serves them. */
export interface ModelRegistry {
  /** Throws ApiError `model_not_found` for an unknown name and for a model that nothing serves. */
  resolve(requested: string): ResolvedModel;
  list(): ModelObject[];
  /** Throws ApiError `model_not_found`. */
  get(id: string): ModelObject;
}

export type RegistrySettings = Pick<
  Config,
  'dataDir' | 'modelsFile' | 'standIn' | 'engineDevice' | 'engineThreads' | 'engineContextTokens'
>;

export interface RegistryDependencies {
  config: RegistrySettings;
  database: Pick<Database, 'kysely'>;
  log: Logger;
  /** WeAI's own when left out. */
  catalogue?: readonly CatalogueEntry[];
  /** State of a deployment's engine, for `list` and `get`; without it all count as ready. */
  stateOf?: (deploymentId: string) => DeploymentState;
}

/** The registry of a running server: follows the weights directory and the `deployments` table. */
export class LiveModelRegistry implements ModelRegistry {
  readonly #dependencies: RegistryDependencies;
  readonly #declarations: Declarations;
  readonly #sockets: string;
  readonly #listeners: (() => void)[] = [];
  #remotes: RemoteDeployment[] = [];
  #models: InventoryModel[] = [];
  #refreshing: Promise<void> = Promise.resolve();
  #stopWatching: () => void = () => undefined;

  private constructor(dependencies: RegistryDependencies, declarations: Declarations, sockets: string) {
    this.#dependencies = dependencies;
    this.#declarations = declarations;
    this.#sockets = sockets;
  }

  /** Reads everything once. Throws DeclarationError for a `weai.yaml` that can't be used. */
  static async open(dependencies: RegistryDependencies): Promise<LiveModelRegistry> {
    const { config } = dependencies;
    const declarations = await readDeclarations(config);
    const sockets = await socketDirectory(config.dataDir, 'engines');
    const registry = new LiveModelRegistry(dependencies, declarations, sockets);
    await registry.refresh();
    return registry;
  }

  /** Takes up what the CLI of any machine connects and what arrives in the weights directory, within a second. */
  follow(changes: Pick<Changes, 'on'>): void {
    const look = (): Promise<void> =>
      this.refresh().catch((error: unknown) => {
        this.#dependencies.log.warn({ reason: errorMessage(error) }, 'models could not be looked at again');
      });
    changes.on('deployments', look);
    this.#stopWatching = watchWeights(this.#dependencies.config.dataDir, () => void look());
  }

  stop(): void {
    this.#stopWatching();
  }

  /** Called after every change of deployments or of the local engines that must run. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The engines that this machine must run now. */
  localEngines(): LocalEngineSpec[] {
    return this.#models.flatMap(({ localEngine }) => (localEngine === null ? [] : [localEngine]));
  }

  /** Every deployment there is, of all models. */
  deployments(): Deployment[] {
    return this.#models.flatMap(({ deployments }) => deployments);
  }

  /** Every model with who stands in for it, if someone does. */
  inventory(): { model: InventoryModel; standIn: InventoryModel | null }[] {
    return this.#models.map((model) => ({ model, standIn: this.#standInFor(model) }));
  }

  /** What is configured of a remote; null for an id that is none. */
  remoteOf(deploymentId: string): { remote: RemoteDeployment; declared: boolean } | null {
    const sought = (remotes: readonly RemoteDeployment[]) => remotes.find(({ id }) => id === deploymentId);
    const declared = sought(this.#declarations.remotes);
    const remote = declared ?? sought(this.#remotes);
    return remote === undefined ? null : { remote, declared: declared !== undefined };
  }

  resolve(requested: string): ResolvedModel {
    const model = this.#find(requested);
    const answering = this.#standInFor(model) ?? model;
    if (answering.deployments.length === 0) {
      throw new ApiError(
        'model_not_found',
        `Nothing serves the model \`${requested}\` here yet. ${howToInstall(model.description)}`,
        { param: 'model' },
      );
    }
    return {
      requested,
      modelId: answering.description.id,
      standIn: answering !== model,
      deployments: answering.deployments,
    };
  }

  list(): ModelObject[] {
    return this.#models.map((model) => this.#object(model));
  }

  get(id: string): ModelObject {
    return this.#object(this.#find(id));
  }

  /** Looks again at weights and table; calls at once are done one after the other. */
  refresh(): Promise<void> {
    const look = (): Promise<void> => this.#look();
    this.#refreshing = this.#refreshing.then(look, look);
    return this.#refreshing;
  }

  async #look(): Promise<void> {
    const { config, database, log } = this.#dependencies;
    try {
      this.#remotes = await listRemotes(database.kysely);
    } catch (error) {
      log.warn({ reason: errorMessage(error) }, 'connected models could not be read; the known ones stay');
    }
    const entries = this.#dependencies.catalogue ?? catalogue;
    const present = await Promise.all(
      entries.map(async ({ id, weights }) =>
        (await hasWeights(config.dataDir, weights))
          ? [[id, weightsPath(config.dataDir, weights)] as const]
          : [],
      ),
    );
    const models = takeInventory({
      catalogue: entries,
      presentWeights: new Map(present.flat()),
      declarations: this.#declarations,
      remotes: this.#remotes,
      socketDirectory: this.#sockets,
      readSecret: (name) => readSecret(name),
      engineDevice: config.engineDevice,
      threads: config.engineThreads,
      contextTokens: config.engineContextTokens,
    });
    const changed = JSON.stringify(models) !== JSON.stringify(this.#models);
    this.#models = models;
    if (!changed) return;
    for (const { remote, reason } of models.flatMap(({ leftOut }) => leftOut)) {
      log.warn({ deployment: remote.id }, `a deployment is left out: ${reason}`);
    }
    for (const listener of this.#listeners) listener();
  }

  #find(id: string): InventoryModel {
    const found = this.#models.find(({ description }) => description.id === id);
    if (found === undefined) throw modelNotFound(id);
    return found;
  }

  #standInFor(model: InventoryModel): InventoryModel | null {
    return standInFor(model, this.#models, this.#dependencies.config.standIn);
  }

  #object(model: InventoryModel): ModelObject {
    const stateOf = this.#dependencies.stateOf ?? ((): DeploymentState => 'ready');
    return modelObject(model, this.#standInFor(model), stateOf);
  }
}
