import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { runDirectory } from './run-directory.ts';
import { freePort, startServer, type RunningServer } from './server-process.ts';

/** A model of the measured server, answered by an upstream that runs already. */
export interface Upstream {
  model: string;
  baseUrl: string;
  /** As in `weai.yaml`: `embedded` for our engine, `openai` for anything else. */
  kind: 'embedded' | 'openai';
}

/**
 * Starts WeAI as a user does, on a data directory of its own: embedded database, keys
 * checked, log as by default. No weights are there, so no engine of its own takes part.
 */
export async function startWeai(upstreams: readonly Upstream[]): Promise<RunningServer> {
  const directory = await mkdtemp(join(runDirectory, 'weai-'));
  const modelsFile = join(directory, 'weai.yaml');
  await writeFile(modelsFile, declarations(upstreams));
  const port = await freePort();
  const apiKey = `sk-benchmark-${randomBytes(16).toString('hex')}`;
  const server = await startServer({
    name: 'weai',
    command: join(import.meta.dirname, '../weai'),
    args: ['start'],
    environment: {
      HOST: '127.0.0.1',
      PORT: String(port),
      WEAI_DATA_DIR: join(directory, 'data'),
      WEAI_MODELS_FILE: modelsFile,
      WEAI_BOOTSTRAP_API_KEY: apiKey,
      WEAI_STAND_IN: 'off',
    },
    readyUrl: `http://127.0.0.1:${port}/readyz`,
    startTimeoutMs: 60_000,
  });
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    headers: { authorization: `Bearer ${apiKey}` },
    ...server,
  };
}

function declarations(upstreams: readonly Upstream[]): string {
  const models = new Map(
    upstreams.map(({ model, baseUrl, kind }) => [model, { remotes: [{ url: baseUrl, kind }] }]),
  );
  // JSON is YAML.
  return JSON.stringify({ models: Object.fromEntries(models) }, null, 2);
}
