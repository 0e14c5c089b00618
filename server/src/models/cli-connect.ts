import { type Config, readSecret } from '../config.ts';
import { openDatabase } from '../db/open.ts';
import type { EngineKind } from '../engines/deployment.ts';
import { createLog } from '../log.ts';
import { CommandError } from './cli-pull.ts';
import { testConnection } from './connection.ts';
import { addRemote, modelIdPattern, normalizeBaseUrl, removeRemotes } from './remotes.ts';

export interface ConnectOptions {
  url: string;
  upstreamModel?: string;
  apiKeyEnv?: string;
  kind?: EngineKind;
  imageInput?: boolean;
}

/** `weai models connect`: tests the engine first, then stores it. The key stays in its variable. */
export async function connect(config: Config, modelId: string, options: ConnectOptions): Promise<void> {
  if (!modelIdPattern.test(modelId)) {
    throw new CommandError(
      `${modelId} can't be a model's name: letters, digits and . _ : / - are, 128 characters at most.`,
    );
  }
  const baseUrl = normalizeBaseUrl(options.url);
  const apiKeyEnv = options.apiKeyEnv ?? null;
  const apiKey = apiKeyEnv === null ? null : keyFrom(apiKeyEnv);
  console.log(`Testing ${baseUrl} …`);
  const { kind, upstreamModel, contextTokens } = await testConnection({
    baseUrl,
    modelId,
    upstreamModel: options.upstreamModel,
    apiKey,
    kind: options.kind,
  });
  const database = await openDatabase(config, createLog({ logLevel: 'warn' }));
  try {
    const imageInput = options.imageInput ?? false;
    const id = await addRemote(database.kysely, {
      modelId,
      upstreamModel,
      kind,
      baseUrl,
      apiKeyEnv,
      contextTokens,
      imageInput,
    });
    const context = contextTokens === null ? '' : `, ${contextTokens} tokens of context`;
    console.log(
      `Connected ${modelId} as ${id}: ${kind}, ${upstreamModel}${context}. It answered a request of one token.`,
    );
    if (apiKeyEnv !== null)
      console.log(`The server needs ${apiKeyEnv} in its environment too; the key was not stored.`);
  } finally {
    await database.close();
  }
}

/** `weai models disconnect`. */
export async function disconnect(config: Config, reference: string): Promise<void> {
  const database = await openDatabase(config, createLog({ logLevel: 'warn' }));
  try {
    const ids = await removeRemotes(database.kysely, reference);
    if (ids.length === 0) {
      throw new CommandError(
        `No connected engine goes by ${reference}. \`weai models\` lists them; those of weai.yaml are removed there.`,
      );
    }
    console.log(`Disconnected ${ids.join(', ')}.`);
  } finally {
    await database.close();
  }
}

function keyFrom(variable: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
    throw new CommandError(
      '--api-key-env takes the name of an environment variable, not the key itself, which is never stored.',
    );
  }
  const key = readSecret(variable);
  if (key === null) throw new CommandError(`The environment variable ${variable} is not set.`);
  return key;
}
