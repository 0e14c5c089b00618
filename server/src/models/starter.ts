import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import { catalogueEntry, starterModelId } from './catalogue.ts';
import { DownloadError } from './download-errors.ts';
import { ProgressPrinter } from './progress.ts';
import { pullWeights } from './pull.ts';

/** Fetches the starter's weights. Without them the server still starts: another model can be connected while it runs. */
export async function fetchStarter(config: Config, log: Logger, signal: AbortSignal): Promise<void> {
  const starter = catalogueEntry(starterModelId);
  if (starter === undefined) throw new Error(`the catalogue has no ${starterModelId}`);
  const printer = new ProgressPrinter(starter.id);
  try {
    await pullWeights(starter, config, {
      signal,
      onProgress: (progress) => printer.update(progress),
      onStep: (sentence) => log.debug(sentence),
    });
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    process.stderr.write(`${error.message}\n`);
  } finally {
    printer.finish();
  }
}
