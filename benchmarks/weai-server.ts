import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';
import { runDirectory } from './run-directory.ts';
import { freePort, startServer, type RunningServer, type ServerCommand } from './server-process.ts';

/** A model of the measured server, answered by an upstream that runs already. */
export interface Upstream {
  model: string;
  baseUrl: string;
  /** As in `weai.yaml`: `embedded` for our engine, `openai` for anything else. */
  kind: 'embedded' | 'openai';
}

const bareMain = fileURLToPath(new URL('../server/src/bare.benchmark.ts', import.meta.url));

interface WeaiOptions {
  /** Dollars for a million tokens of each model; nothing costs anything when left out. */
  price?: { input: string; output: string };
}

/** A server of ours, and where it keeps its data. */
interface WeaiServer extends RunningServer {
  dataDirectory: string;
}

/**
 * Starts WeAI as a user does, on a data directory of its own: embedded database, keys
 * checked, log as by default. No weights are there, so no engine of its own takes part.
 */
export async function startWeai(
  upstreams: readonly Upstream[],
  options: WeaiOptions = {},
): Promise<WeaiServer> {
  return start(upstreams, options, {
    name: 'weai',
    command: join(import.meta.dirname, '../weai'),
    args: ['start'],
  });
}

/** Starts the same proxy path with nothing metered and no database: see `bare.benchmark.ts`. */
export async function startBareWeai(upstreams: readonly Upstream[]): Promise<WeaiServer> {
  return start(
    upstreams,
    {},
    {
      name: 'bare weai',
      command: process.execPath,
      // As `weai` starts its Node.
      args: [
        '--disable-warning=ExperimentalWarning',
        '--min-semi-space-size=16',
        '--heap-growing-percent=100',
        bareMain,
      ],
    },
  );
}

async function start(
  upstreams: readonly Upstream[],
  options: WeaiOptions,
  command: Pick<ServerCommand, 'name' | 'command' | 'args'>,
): Promise<WeaiServer> {
  const directory = await mkdtemp(join(runDirectory, 'weai-'));
  const dataDirectory = join(directory, 'data');
  const modelsFile = join(directory, 'weai.yaml');
  await writeFile(modelsFile, declarations(upstreams, options));
  const port = await freePort();
  const apiKey = `sk-benchmark-${randomBytes(16).toString('hex')}`;
  const server = await startServer({
    ...command,
    environment: {
      HOST: '127.0.0.1',
      PORT: String(port),
      WEAI_DATA_DIR: dataDirectory,
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
    dataDirectory,
    ...server,
  };
}

function declarations(upstreams: readonly Upstream[], { price }: WeaiOptions): string {
  const models = new Map(
    upstreams.map(({ model, baseUrl, kind }) => [
      model,
      { remotes: [{ url: baseUrl, kind }], ...(price && { price }) },
    ]),
  );
  // JSON is YAML.
  return JSON.stringify({ models: Object.fromEntries(models) }, null, 2);
}
