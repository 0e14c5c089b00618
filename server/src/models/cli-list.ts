import type { Config } from '../config.ts';
import { openDatabase } from '../db/open.ts';
import { engineStatus } from '../engines/engine-status.ts';
import { createLog } from '../log.ts';
import { catalogueEntry, describeSource } from './catalogue.ts';
import type { DeploymentState, ModelObject } from './model-object.ts';
import { formatBytes } from './progress.ts';
import { LiveModelRegistry } from './registry.ts';
import { hasWeights, partialBytes } from './weights.ts';

/** A line of `weai models`. */
export interface ListedModel extends ModelObject {
  /** On this machine. */
  weights: { state: 'present' | 'partial' | 'absent'; bytes: number; sources: string[] } | null;
}

/** `weai models`: what there is, where it comes from, what runs and what stands in. */
export async function list(config: Config, json: boolean): Promise<void> {
  const database = await openDatabase(config, createLog({ logLevel: 'warn' }));
  try {
    const states = new Map<string, DeploymentState>();
    const registry = await LiveModelRegistry.open({
      config,
      database,
      log: createLog({ logLevel: 'warn' }),
      stateOf: (id) => states.get(id) ?? 'stopped',
    });
    const asked = registry.deployments().map(async (deployment) => {
      states.set(deployment.id, (await engineStatus(deployment)).state);
    });
    await Promise.all(asked);
    const models = await Promise.all(registry.list().map((model) => withWeights(config, model)));
    console.log(json ? JSON.stringify(models, null, 2) : formatModels(models));
  } finally {
    await database.close();
  }
}

async function withWeights(config: Config, model: ModelObject): Promise<ListedModel> {
  const weights = catalogueEntry(model.id)?.weights;
  if (weights === undefined) return { ...model, weights: null };
  const present = await hasWeights(config.dataDir, weights);
  const bytes = present ? weights.sizeBytes : await partialBytes(config.dataDir, weights);
  const state = present ? 'present' : bytes > 0 ? 'partial' : 'absent';
  return { ...model, weights: { state, bytes, sources: weights.sources.map(describeSource) } };
}

/** The models as a table, each followed by where its weights come from and what to do if it isn't served. */
export function formatModels(models: readonly ListedModel[]): string {
  const header = ['MODEL', 'SIZE', 'WEIGHTS', 'STATUS', 'ANSWERED BY'];
  const rows = models.map((model) => [
    model.id,
    model.weai.size_bytes === null ? '-' : formatBytes(model.weai.size_bytes),
    weightsColumn(model),
    model.weai.status.replace('_', ' '),
    model.weai.served_by === null
      ? '-'
      : model.weai.served_by.deployments.map(({ id, state }) => `${id} (${state})`).join(', '),
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const notes = models.flatMap(({ id, weai, weights }) => [
    ...(weights === null
      ? []
      : [`${id}: ${weights.sources.join('; else ')}. ${weai.licence?.name ?? ''}`.trim()]),
    ...(weai.hint === null ? [] : [`${id}: ${weai.hint}`]),
  ]);
  return [line(header), ...rows.map(line), ...(notes.length === 0 ? [] : ['', ...notes])].join('\n');
}

function weightsColumn({ weights }: ListedModel): string {
  if (weights === null) return '-';
  return weights.state === 'partial' ? `${formatBytes(weights.bytes)} so far` : weights.state;
}
