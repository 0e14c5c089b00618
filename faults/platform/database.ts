import { sql } from 'kysely';
import { openDatabase, type Database } from '../../server/src/db/open.ts';
import { createLog } from '../../server/src/log.ts';

/** A row of the ledger, as far as the suites look at it. */
export interface Row {
  request_id: string;
  status: string;
  prompt_tokens: number;
  completion_tokens: number;
}

export const log = createLog({ logLevel: 'silent' });

/** Opens an installation's database beside its server. */
export async function withDatabase<Result>(
  config: { dataDir: string; databaseUrl: string | null },
  use: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(config, log);
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}

/** Every row there is. */
export async function ledgerRows({ kysely }: Database): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select request_id, status, prompt_tokens, completion_tokens from ledger`.execute(kysely);
  return rows;
}

/** How many requests are in the ledger more than once. */
export function doubled(rows: readonly Row[]): number {
  return rows.length - new Set(rows.map((row) => row.request_id)).size;
}
