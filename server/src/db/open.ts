import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import type { ClientBase, ClientConfig, PoolConfig } from 'pg';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import { DatabaseError } from './errors.ts';
import { migrate } from './migrate.ts';
import { yieldCores } from './niceness.ts';
import type { Tables } from './tables.ts';
import { startEmbeddedPostgres } from './embedded.ts';

/** An open database: queries go through `kysely`; `connectionOptions` serve a connection of one's own. */
export interface Database {
  kysely: Kysely<Tables>;
  /** One connection for what nobody waits for. The embedded PostgreSQL works on it when no request wants its core. */
  background: Kysely<Tables>;
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
  const connect = (config: PoolConfig) => {
    const pool = new Pool({ ...connectionOptions, ...config });
    pool.on('error', lost);
    // The pool listens only while a connection is idle: one that breaks between two queries would end the process.
    pool.on('connect', (client) => client.on('error', lost));
    return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  };
  const kysely = connect({ max: 10 });
  const background = connect({
    max: 1,
    // oxlint-disable-next-line typescript/no-misused-promises -- the pool waits for it, which its types don't tell yet
    ...(embedded !== null && { onConnect: (client) => calm(client, log) }),
  });
  const close = async () => {
    closing = true;
    await background.destroy();
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
  return { kysely, background, connectionOptions, close };
}

/** Lets the PostgreSQL behind a connection yield to everything else. */
async function calm(client: ClientBase, log: Logger): Promise<void> {
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    for (const { pid } of rows) await yieldCores(pid);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.debug({ reason }, 'the database takes its cores from requests');
  }
}
