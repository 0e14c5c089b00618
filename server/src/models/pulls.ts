import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '@weai/protocol/errors';
import type { Logger } from '../log.ts';
import { type CatalogueEntry, describeSource } from './catalogue.ts';
import { errorMessage, systemErrorCode } from './download-errors.ts';
import type { PullObject } from './model-details.ts';
import { SpeedMeter } from './progress.ts';
import { isBeingPulled, type PullSettings, pullWeights } from './pull.ts';
import { hasWeights, partialBytes, weightsDirectory, weightsPath, wishEnding } from './weights.ts';

export interface PullsOptions {
  catalogue: readonly CatalogueEntry[];
  settings: PullSettings;
  log: Logger;
  /** Called when weights have arrived, before the pull counts as done. */
  onArrival: () => Promise<void>;
}

/** A download that this server does, or did last. */
interface Pull {
  object: PullObject;
  abort: AbortController;
  ended: Promise<void>;
}

/** How often a watcher is told of progress. */
const watchIntervalMs = 300;

/**
 * The downloads of this server: one for each model, whoever asks for it and however often. A wish for weights is a
 * file beside them, so that a download goes on after a restart or a crash of the server until it is done, fails or is
 * cancelled.
 */
export class Pulls {
  readonly #options: PullsOptions;
  readonly #pulls = new Map<string, Pull>();
  /** Speed of what another process fetches, as seen on the disk. */
  readonly #meters = new Map<string, SpeedMeter>();
  #stopping = false;

  constructor(options: PullsOptions) {
    this.#options = options;
  }

  /** Goes on with what was under way when the server ended. */
  async resume(): Promise<void> {
    for (const entry of this.#options.catalogue) {
      const wished = await readFile(this.#wishPath(entry)).catch((error: unknown) => {
        if (systemErrorCode(error) === 'ENOENT') return null;
        throw error;
      });
      if (wished === null) continue;
      if (await this.#isThere(entry)) await rm(this.#wishPath(entry), { force: true });
      else this.#begin(entry, await this.#partial(entry));
    }
  }

  /**
   * Begins a download, or joins the one that runs. `begun` is called once it is sure that one begins.
   * Throws ApiError model_not_found for a model whose weights aren't in the catalogue.
   */
  async start(modelId: string, begun: () => Promise<void> = () => Promise.resolve()): Promise<PullObject> {
    const entry = this.#entry(modelId);
    const before = await this.status(modelId);
    if (before.state === 'done' || this.#isActive(modelId)) return this.status(modelId);
    await mkdir(weightsDirectory(this.#options.settings.dataDir), { recursive: true });
    await writeFile(this.#wishPath(entry), '');
    // Two that ask at once may both be here.
    if (!this.#isActive(modelId)) {
      this.#begin(entry, before.bytes);
      await begun();
    }
    return this.status(modelId);
  }

  /**
   * Stops a download of this server; what was fetched stays for the next one. Throws ApiError conflict when there is
   * none, and model_not_found as `start` does.
   */
  async cancel(modelId: string): Promise<PullObject> {
    this.#entry(modelId);
    const pull = this.#pulls.get(modelId);
    if (pull === undefined || !isActive(pull.object)) {
      const { state } = await this.status(modelId);
      throw new ApiError(
        'conflict',
        state === 'running'
          ? 'Another process fetches these weights, as `weai pull` does: stop it there.'
          : 'No download of this model is under way.',
        { param: 'model_id' },
      );
    }
    pull.abort.abort();
    await pull.ended;
    return this.status(modelId);
  }

  /** How far the weights are, whoever fetches them. Throws ApiError model_not_found as `start` does. */
  async status(modelId: string): Promise<PullObject> {
    const entry = this.#entry(modelId);
    const object = this.#pulls.get(modelId)?.object;
    if (object?.state === 'running') return { ...object };
    if (object?.state === 'waiting') return { ...object, ...(await this.#elsewhere(entry)) };
    const { sizeBytes } = entry.weights;
    if (await this.#isThere(entry)) {
      const done = { state: 'done', verified: true, bytes: sizeBytes, total_bytes: sizeBytes } as const;
      return { ...(object?.state === 'done' ? object : emptyPull(entry)), ...done };
    }
    if (await isBeingPulled(this.#options.settings.dataDir, entry.weights)) {
      const step = 'Another process on this machine is fetching it.';
      return { ...emptyPull(entry), ...(await this.#elsewhere(entry)), state: 'running', step };
    }
    const bytes = await this.#partial(entry);
    return object === undefined || object.state === 'done'
      ? { ...emptyPull(entry), bytes }
      : { ...object, bytes };
  }

  /** The state now, and then each change of it, until nothing is under way any more or the signal aborts. */
  async *watch(modelId: string, signal: AbortSignal): AsyncGenerator<PullObject, void, undefined> {
    let told = '';
    while (!signal.aborted) {
      const object = await this.status(modelId);
      const text = JSON.stringify(object);
      if (text !== told) yield object;
      told = text;
      if (!isActive(object)) return;
      await sleep(watchIntervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Stops all downloads; the next start of the server goes on with them. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const pulls = [...this.#pulls.values()];
    for (const { abort } of pulls) abort.abort();
    await Promise.all(pulls.map(({ ended }) => ended));
  }

  #begin(entry: CatalogueEntry, bytes: number): void {
    const abort = new AbortController();
    const object: PullObject = {
      ...emptyPull(entry),
      state: 'running',
      bytes,
      total_bytes: entry.weights.sizeBytes,
      step: 'Looking at what is there already.',
      started_at: nowSeconds(),
    };
    this.#pulls.set(entry.id, { object, abort, ended: this.#fetch(entry, object, abort.signal) });
  }

  async #fetch(entry: CatalogueEntry, object: PullObject, signal: AbortSignal): Promise<void> {
    const { log, onArrival, settings } = this.#options;
    try {
      await pullWeights(entry, settings, {
        signal,
        onProgress: (progress) => {
          object.bytes = progress.bytes;
          object.total_bytes = progress.totalBytes;
          object.bytes_per_second = progress.bytesPerSecond;
        },
        onStep: (sentence) => {
          object.step = sentence;
        },
        onSource: (source) => {
          object.state = source === null ? 'waiting' : 'running';
          object.source = source === null ? null : describeSource(source);
        },
      });
      await onArrival();
      object.state = 'done';
      log.info({ model: entry.id }, 'weights are there');
    } catch (error) {
      object.state = signal.aborted ? 'cancelled' : 'failed';
      if (!signal.aborted) {
        object.error = errorMessage(error);
        log.warn({ model: entry.id, reason: object.error }, 'weights could not be fetched');
      }
    }
    object.step = null;
    object.source = null;
    object.bytes_per_second = 0;
    object.finished_at = nowSeconds();
    if (this.#stopping && signal.aborted) return;
    await rm(this.#wishPath(entry), { force: true }).catch((error: unknown) => {
      log.warn({ model: entry.id, reason: errorMessage(error) }, 'a wish for weights could not be forgotten');
    });
  }

  async #elsewhere(
    entry: CatalogueEntry,
  ): Promise<Pick<PullObject, 'bytes' | 'total_bytes' | 'bytes_per_second'>> {
    const meter = this.#meters.get(entry.id) ?? new SpeedMeter();
    this.#meters.set(entry.id, meter);
    const bytes = await this.#partial(entry);
    const bytesPerSecond = meter.measure(bytes, performance.now());
    return { bytes, total_bytes: entry.weights.sizeBytes, bytes_per_second: bytesPerSecond };
  }

  #entry(modelId: string): CatalogueEntry {
    const entry = this.#options.catalogue.find(({ id }) => id === modelId);
    if (entry !== undefined) return entry;
    const ids = this.#options.catalogue.map(({ id }) => id).join(', ');
    throw new ApiError('model_not_found', `Only models of the catalogue can be pulled: ${ids}.`, {
      param: 'model_id',
    });
  }

  #isActive(modelId: string): boolean {
    const pull = this.#pulls.get(modelId);
    return pull !== undefined && isActive(pull.object);
  }

  #isThere({ weights }: CatalogueEntry): Promise<boolean> {
    return hasWeights(this.#options.settings.dataDir, weights);
  }

  #partial({ weights }: CatalogueEntry): Promise<number> {
    return partialBytes(this.#options.settings.dataDir, weights);
  }

  #wishPath({ weights }: CatalogueEntry): string {
    return `${weightsPath(this.#options.settings.dataDir, weights)}${wishEnding}`;
  }
}

function isActive({ state }: PullObject): boolean {
  return state === 'running' || state === 'waiting';
}

function emptyPull({ id, weights }: CatalogueEntry): PullObject {
  return {
    object: 'organization.model.pull',
    model: id,
    state: 'idle',
    bytes: 0,
    total_bytes: weights.sizeBytes,
    bytes_per_second: 0,
    source: null,
    step: null,
    verified: false,
    error: null,
    started_at: null,
    finished_at: null,
  };
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
