import { rm } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { type CatalogueEntry, catalogue, catalogueEntry, type WeightsSource } from './catalogue.ts';
import { fitsMemory, machineMemoryBytes } from './memory.ts';
import { formatBytes, ProgressPrinter } from './progress.ts';
import { pullWeights } from './pull.ts';
import { fileSize, weightsFiles } from './weights.ts';

/** A command was given something that it can't do; the message says what it can. */
export class CommandError extends Error {
  override name = 'CommandError';
}

/** Exit status of a program that SIGINT ended, as shells show it. */
const interrupted = 130;

interface PullOptions {
  source: WeightsSource | undefined;
  json: boolean;
}

/** `weai pull`: says the licence, shows progress on stderr, and leaves a resumable part when it is stopped. */
export async function pull(config: Config, model: string, { source, json }: PullOptions): Promise<void> {
  const entry = entryOf(model);
  const { weights, licence } = entry;
  if (!json) {
    console.log(`${entry.title}, ${weights.quantization}, ${formatBytes(weights.sizeBytes)}`);
    console.log(`Licence: ${licence.name} (${licence.url}). Using the model means accepting it.`);
  }
  if (!fitsMemory(weights.sizeBytes)) {
    console.error(
      `This machine has ${formatBytes(machineMemoryBytes())} of memory: too little to run this model at a useful speed. ` +
        `\`weai models connect ${entry.id} --url …\` uses an engine elsewhere instead.`,
    );
  }
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const printer = new ProgressPrinter(entry.id);
  try {
    const { path, fetched } = await pullWeights(entry, config, {
      from: source,
      signal: abort.signal,
      onProgress: (progress) => printer.update(progress),
      onStep: (sentence) => {
        printer.finish();
        console.error(sentence);
      },
    });
    printer.finish();
    if (json) console.log(JSON.stringify({ model: entry.id, path, fetched, licence }));
    else console.log(fetched ? `Verified by SHA-256: ${path}` : `Already there: ${path}`);
  } catch (error) {
    printer.finish();
    if (!abort.signal.aborted) throw error;
    console.error('Stopped. What was fetched stays: run the command again and it goes on from there.');
    process.exitCode = interrupted;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** `weai models remove`: deletes weights and what is left of unfinished downloads. */
export async function remove(config: Config, model: string, json: boolean): Promise<void> {
  const { weights, id } = entryOf(model);
  const paths = weightsFiles(config.dataDir, weights);
  const sizes = await Promise.all(paths.map(fileSize));
  await Promise.all(paths.map((each) => rm(each, { force: true })));
  const freedBytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  if (json) console.log(JSON.stringify({ model: id, freedBytes }));
  else if (freedBytes === 0) console.log(`There are no weights of ${id} here.`);
  else console.log(`Removed ${id}: ${formatBytes(freedBytes)} are free.`);
}

function entryOf(model: string): CatalogueEntry {
  const entry = catalogueEntry(model);
  if (entry !== undefined) return entry;
  throw new CommandError(
    `The catalogue has no model ${model}. It has: ${catalogue.map(({ id }) => id).join(', ')}. ` +
      'Weights of your own are named in weai.yaml; engines elsewhere are added with `weai models connect`.',
  );
}
