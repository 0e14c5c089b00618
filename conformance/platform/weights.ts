import { copyFileSync, existsSync, linkSync, mkdirSync } from 'node:fs';
import path from 'node:path';

export const checkoutDirectory = path.resolve(import.meta.dirname, '../..');
export const starterFileName = 'SmolLM2-135M-Instruct.Q4_1.gguf';

/** Where a start of this checkout has left the starter's weights, if it has. */
function downloadedWeights(): string | undefined {
  return [process.env['WEAI_DATA_DIR'], path.join(checkoutDirectory, '.weai')]
    .map((directory) => directory && path.join(directory, 'weights', starterFileName))
    .find((file): file is string => Boolean(file) && existsSync(String(file)));
}

/** Puts the starter's weights into a fresh data directory, so that they are not downloaded again. */
export function seedWeights(dataDirectory: string): void {
  const source = downloadedWeights();
  if (source === undefined) return;
  const target = path.join(dataDirectory, 'weights', starterFileName);
  mkdirSync(path.dirname(target), { recursive: true });
  try {
    linkSync(source, target);
  } catch (error) {
    const otherFileSystem = error instanceof Error && 'code' in error && error.code === 'EXDEV';
    if (!otherFileSystem) throw error;
    copyFileSync(source, target);
  }
}
