import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { openDatabase, type Database } from '../../server/src/db/open.ts';
import { type Limits, setLimits, unlimited } from '../../server/src/limits/limits.ts';
import { createLog } from '../../server/src/log.ts';
import { findProject } from '../../server/src/projects/projects.ts';

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

/** Sets what the default project may use, and waits until every server has taken it up. */
export async function limitProject(
  config: { dataDir: string; databaseUrl: string | null },
  limits: Partial<Limits>,
): Promise<void> {
  await withDatabase(config, async ({ kysely }) => {
    const project = await findProject(kysely, 'default');
    if (project === null) throw new Error('there is no default project');
    await setLimits(kysely, 'project', project.id, { ...unlimited, ...limits });
  });
  await sleep(1000);
}
