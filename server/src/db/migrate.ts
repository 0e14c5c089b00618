import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Migration } from 'kysely/migration';
import type { Logger } from '../log.ts';
import { alone } from './advisory-lock.ts';
import { DatabaseError } from './errors.ts';
import * as keys from './migrations/0001_keys.ts';
import * as deployments from './migrations/0002_deployments.ts';
import * as ledger from './migrations/0003_ledger.ts';
import * as prices from './migrations/0004_prices.ts';
import * as limits from './migrations/0005_limits.ts';
import * as idempotency from './migrations/0006_idempotency.ts';
import * as administration from './migrations/0007_administration.ts';
import * as playground from './migrations/0008_playground.ts';
import * as requestLog from './migrations/0009_request_log.ts';
import * as playgroundVotes from './migrations/0010_playground_votes.ts';
import * as requestContents from './migrations/0011_request_contents.ts';
import * as ledgerRequestIds from './migrations/0012_ledger_request_ids.ts';
import * as signIn from './migrations/0013_sign_in.ts';
import * as deploymentDays from './migrations/0014_deployment_days.ts';
import * as projectSums from './migrations/0015_project_sums.ts';
import * as risingIndexes from './migrations/0016_rising_indexes.ts';
import type { Tables } from './tables.ts';

/** Every migration, by name; the names' order is the order in which they run. */
const migrations: Record<string, Migration> = {
  '0001_keys': keys,
  '0002_deployments': deployments,
  '0003_ledger': ledger,
  '0004_prices': prices,
  '0005_limits': limits,
  '0006_idempotency': idempotency,
  '0007_administration': administration,
  '0008_playground': playground,
  '0009_request_log': requestLog,
  '0010_playground_votes': playgroundVotes,
  '0011_request_contents': requestContents,
  '0012_ledger_request_ids': ledgerRequestIds,
  '0013_sign_in': signIn,
  '0014_deployment_days': deploymentDays,
  '0015_project_sums': projectSums,
  '0016_rising_indexes': risingIndexes,
};

/** Brings the schema up to date: under a lock, in one transaction. Throws `DatabaseError`. */
export async function migrate(database: Kysely<Tables>, log: Logger): Promise<void> {
  // Kysely locks too, but only after it has created its own tables, which two fresh servers would race for.
  const { error, results } = await alone(database, 'migration', (connection) => {
    const provider = { getMigrations: () => Promise.resolve(migrations) };
    return new Migrator({ db: connection, provider }).migrateToLatest();
  });
  for (const result of results ?? []) log.debug({ migration: result.migrationName }, result.status);
  if (error !== undefined) {
    const failed = results?.find((result) => result.status === 'Error')?.migrationName;
    const reason = error instanceof Error ? error.message : 'no reason given';
    throw new DatabaseError(
      failed === undefined
        ? `The database does not fit this version of WeAI (${reason}).`
        : `Migration ${failed} failed and was rolled back: ${reason}.`,
      { cause: error },
    );
  }
}
