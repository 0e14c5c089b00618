import { loadConfig } from '../config.ts';
import type { Config } from '../config.ts';
import { createLog } from '../log.ts';
import { openDatabase } from './open.ts';
import type { Database } from './open.ts';

/** Runs a command on the database: the running server's, or one that is started for it. */
export async function withDatabase(
  use: (database: Database, config: Config) => Promise<void>,
): Promise<void> {
  const config = loadConfig();
  const database = await openDatabase(config, createLog({ logLevel: 'warn' }));
  try {
    await use(database, config);
  } finally {
    await database.close();
  }
}
