import type { Kysely } from 'kysely';
import type { ClientConfig } from 'pg';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { BackgroundConnection } from './background.ts';
import { DatabaseError } from './errors.ts';
import { migrate } from './migrate.ts';
import { openPool } from './pool.ts';
import type { Tables } from './tables.ts';
import { startEmbeddedPostgres } from './embedded.ts';

/** An open database: queries go through `kysely`; `connectionOptions` serve a connection of one's own. */
export interface Database {
  kysely: Kysely<Tables>;
  /** For work that nobody waits for: see `openBackground`. */
  background: BackgroundConnection;
  connectionOptions: ClientConfig;
  /** Closes the connections and, where this process started it, stops the embedded PostgreSQL. */
  close(): Promise<void>;
}

/**
 * Opens `DATABASE_URL`, or the embedded PostgreSQL of the data directory: the one that a running server
 * started, else one started here (always, when `exclusive`). The schema is migrated before this returns.
 * Throws `DatabaseError` with a sentence for the operator.
 */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  log: Logger,
  options: { exclusive?: boolean } = {},
): Promise<Database> {
  const embedded =
    config.databaseUrl === null
      ? await startEmbeddedPostgres(config.dataDir, log, options.exclusive ?? false)
      : null;
  const connectionOptions: ClientConfig = {
    ...(embedded === null ? { connectionString: config.databaseUrl ?? '' } : embedded.connectionOptions),
    application_name: 'weai',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  };
  let closing = false;
  const lost = (error: Error) => {
    if (!closing) log.warn({ reason: error.message }, 'a database connection was lost');
  };
  const kysely = openPool({ ...connectionOptions, max: 10 }, lost);
  const close = async () => {
    closing = true;
    await kysely.destroy();
    await embedded?.stop();
  };
  try {
    await migrate(kysely, log);
  } catch (error) {
    await close();
    if (error instanceof DatabaseError) throw error;
    const reason = error instanceof Error && error.message !== '' ? error.message : 'no connection';
    const which = embedded === null ? 'The database of DATABASE_URL' : 'The embedded database';
    throw new DatabaseError(`${which} cannot be used: ${reason}.`, { cause: error });
  }
  const background = { options: connectionOptions, yields: embedded !== null };
  return { kysely, background, connectionOptions, close };
}
