import type { Kysely } from 'kysely';
import type { ClientBase, ClientConfig } from 'pg';
import { yieldCores } from './niceness.ts';
import { openPool } from './pool.ts';
import type { Tables } from './tables.ts';

/** What a connection for work that nobody waits for is made with. Plain data: it can be handed to a thread. */
export interface BackgroundConnection {
  options: ClientConfig;
  /** Whether PostgreSQL runs on this machine's cores beside the server, as the embedded one does. */
  yields: boolean;
}

/**
 * One connection for what nobody waits for. A PostgreSQL that yields works on it when no request wants its core.
 * @param onTrouble told why a connection broke between two queries, or why its PostgreSQL does not yield.
 */
export function openBackground(
  { options, yields }: BackgroundConnection,
  onTrouble: (reason: string) => void,
): Kysely<Tables> {
  const config = {
    ...options,
    max: 1,
    ...(yields && { onConnect: (client: ClientBase) => calm(client, onTrouble) }),
  };
  return openPool(config, ({ message }) => onTrouble(`the connection was lost: ${message}`));
}

/** Lets the PostgreSQL behind a connection yield to everything else. */
async function calm(client: ClientBase, onTrouble: (reason: string) => void): Promise<void> {
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    for (const { pid } of rows) await yieldCores(pid);
  } catch (error) {
    onTrouble(
      `the database takes its cores from requests: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
