import { createLog } from '../../server/src/log.ts';
import { openDatabase } from '../../server/src/db/open.ts';

/** A process for tests to kill: brings the database of its argument up to date, as a server does at its start. */
const config = { databaseUrl: process.argv[2] ?? '', dataDir: '' };
const log = createLog({ logLevel: 'silent' });
try {
  const database = await openDatabase(config, log);
  await database.close();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
