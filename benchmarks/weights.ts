import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const starterFileName = 'SmolLM2-135M-Instruct.Q4_1.gguf';

/** The starter's weights, in the data directory that `make start` uses; null before they were pulled. */
export function findStarterWeights(environment: NodeJS.ProcessEnv): string | null {
  const dataDirectory = environment['WEAI_DATA_DIR'] ?? join(import.meta.dirname, '../.weai');
  const path = resolve(dataDirectory, 'weights', starterFileName);
  return existsSync(path) ? path : null;
}
