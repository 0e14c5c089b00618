import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createLog } from '../log.ts';
import { startEmbeddedPostgres } from './embedded.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Directory of the socket of the PostgreSQL that all test files share. */
    postgresHost: string;
  }
}

/** Starts one PostgreSQL for a whole test run; each file has a database of its own in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'weai-test-'));
  const postgres = await startEmbeddedPostgres(dataDir, createLog({ logLevel: 'warn' }), true);
  project.provide('postgresHost', postgres.connectionOptions.host ?? '');
  return async () => {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
