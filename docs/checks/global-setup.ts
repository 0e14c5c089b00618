import type { TestProject } from 'vitest/node';
import { startDocumentedServer } from './server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    documentedServer: { baseUrl: string; environment: Record<string, string> };
  }
}

/** One server for all blocks. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startDocumentedServer();
  project.provide('documentedServer', { baseUrl: server.baseUrl, environment: server.environment });
  return () => server.stop();
}
