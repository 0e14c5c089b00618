import type { EngineKind } from '../engines/deployment.ts';
import { ConnectionTestError, testConnection } from './connection.ts';
import { AddressError, modelIdPattern, normalizeBaseUrl, type RemoteDeployment } from './remotes.ts';

/** What a person gives to connect an engine elsewhere, not looked at yet. */
export interface ConnectionRequest {
  modelId: string;
  url: string;
  upstreamModel?: string | undefined;
  /** Name of the environment variable that holds the key. */
  apiKeyEnv?: string | undefined;
  /** Found out if not given. */
  kind?: EngineKind | undefined;
  imageInput?: boolean | undefined;
}

export interface ConnectingOptions {
  readSecret: (variableName: string) => string | null;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/**
 * Checks what was given, tries the engine, and tells what may be stored. The key stays in its variable.
 * Throws ConnectionTestError that names what to change.
 */
export async function tryRemote(
  request: ConnectionRequest,
  { readSecret, ...limits }: ConnectingOptions,
): Promise<Omit<RemoteDeployment, 'id' | 'created'>> {
  const { modelId, apiKeyEnv = null } = request;
  if (!modelIdPattern.test(modelId)) {
    throw new ConnectionTestError(
      'modelId',
      `${modelId.slice(0, 128)} can't be a model's name: letters, digits and . _ : / - are, 128 characters at most.`,
    );
  }
  const baseUrl = baseUrlOf(request.url);
  const apiKey = apiKeyEnv === null ? null : keyFrom(apiKeyEnv, readSecret);
  const { upstreamModel } = request;
  const found = await testConnection({
    baseUrl,
    modelId,
    upstreamModel,
    apiKey,
    kind: request.kind,
    ...limits,
  });
  return { ...found, modelId, baseUrl, apiKeyEnv, imageInput: request.imageInput ?? false };
}

function baseUrlOf(url: string): string {
  try {
    return normalizeBaseUrl(url);
  } catch (error) {
    if (error instanceof AddressError) throw new ConnectionTestError('url', error.message);
    throw error;
  }
}

function keyFrom(variable: string, readSecret: ConnectingOptions['readSecret']): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
    throw new ConnectionTestError(
      'apiKeyEnv',
      'Give the name of an environment variable, not the key itself, which is never stored.',
    );
  }
  const key = readSecret(variable);
  if (key === null)
    throw new ConnectionTestError('apiKeyEnv', `The environment variable ${variable} is not set.`);
  return key;
}
