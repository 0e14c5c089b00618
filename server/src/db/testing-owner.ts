import { sql } from 'kysely';
import { createLog } from '../log.ts';
import { openDatabase } from './open.ts';

/** A process for tests to kill: owns the database of a data directory, commits a row, says so, and waits. */
const database = await openDatabase(
  { databaseUrl: null, dataDir: process.argv[2] ?? '' },
  createLog({ logLevel: 'warn' }),
);
await sql`insert into kept values (2)`.execute(database.kysely);
process.send?.('committed');
setInterval(() => undefined, 1000);
