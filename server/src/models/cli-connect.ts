import { type Config, readSecret } from '../config.ts';
import { openDatabase } from '../db/open.ts';
import type { EngineKind } from '../engines/deployment.ts';
import { createLog } from '../log.ts';
import { CommandError } from './cli-pull.ts';
import { tryRemote } from './connecting.ts';
import { type ConnectionField, ConnectionTestError } from './connection.ts';
import { addRemote, removeRemotes } from './remotes.ts';

export interface ConnectOptions {
  url: string;
  upstreamModel?: string;
  apiKeyEnv?: string;
  kind?: EngineKind;
  imageInput?: boolean;
  json?: boolean;
}

const flags: Partial<Record<ConnectionField, string>> = {
  upstreamModel: '--upstream-model',
  apiKeyEnv: '--api-key-env',
};

/** `weai models connect`: tests the engine first, then stores it. The key stays in its variable. */
export async function connect(
  config: Config,
  modelId: string,
  { json, ...options }: ConnectOptions,
): Promise<void> {
  if (json !== true) console.log(`Testing ${options.url} …`);
  const remote = await tryRemote({ ...options, modelId }, { readSecret: (name) => readSecret(name) }).catch(
    (error: unknown) => {
      if (!(error instanceof ConnectionTestError)) throw error;
      const flag = flags[error.field];
      const said = error.said === null ? '' : ` It said: ${error.said}`;
      throw new CommandError(`${error.message}${said}${flag === undefined ? '' : ` (${flag})`}`);
    },
  );
  const database = await openDatabase(config, createLog({ logLevel: 'warn' }));
  try {
    const id = await addRemote(database.kysely, remote);
    const { apiKeyEnv, contextTokens, kind, upstreamModel } = remote;
    if (json === true) {
      console.log(JSON.stringify({ id, model: modelId, kind, upstreamModel, contextTokens, apiKeyEnv }));
      return;
    }
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
export async function disconnect(config: Config, reference: string, json: boolean): Promise<void> {
  const database = await openDatabase(config, createLog({ logLevel: 'warn' }));
  try {
    const ids = await removeRemotes(database.kysely, reference);
    if (ids.length === 0) {
      throw new CommandError(
        `No connected engine goes by ${reference}. \`weai models\` lists them; those of weai.yaml are removed there.`,
      );
    }
    console.log(json ? JSON.stringify({ disconnected: ids }) : `Disconnected ${ids.join(', ')}.`);
  } finally {
    await database.close();
  }
}
