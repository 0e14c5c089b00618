import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeDataDirectory, removeDataDirectory, startServer } from '../../conformance/platform/server.ts';
import { checkoutDirectory } from '../../conformance/platform/weights.ts';

export interface DocumentedServer {
  baseUrl: string;
  /** What the pages tell the reader to export, and where `./weai` finds the same server. */
  environment: Record<string, string>;
  stop(): Promise<void>;
}

/** A fresh server as `make start` makes it, and what its operator has exported. */
export async function startDocumentedServer(): Promise<DocumentedServer> {
  mkdirSync(join(checkoutDirectory, '.cache'), { recursive: true });
  const dataDirectory = makeDataDirectory();
  const server = await startServer(dataDirectory);
  const adminKey: { key?: string; value?: string } = JSON.parse(
    execFileSync(join(checkoutDirectory, 'weai'), ['admin-keys', 'create', '--name', 'docs', '--json'], {
      env: server.environment,
      encoding: 'utf8',
    }),
  );
  const exported = {
    WEAI_BASE_URL: server.baseUrl,
    WEAI_API_KEY: server.apiKey,
    WEAI_ADMIN_KEY: adminKey.value ?? adminKey.key ?? '',
    WEAI_URL: server.baseUrl.replace(/\/v1$/, ''),
  };
  const own = Object.entries(server.environment).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && /^(HOST|PORT|WEAI_|DATABASE_URL)/.test(entry[0]),
  );
  return {
    baseUrl: server.baseUrl,
    environment: { ...Object.fromEntries(own), ...exported },
    stop: async () => {
      await server.stop();
      removeDataDirectory(dataDirectory);
    },
  };
}
