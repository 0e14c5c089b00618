import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import type { PoolConfig } from 'pg';
import type { Tables } from './tables.ts';

/**
 * Queries over connections that are opened when they are needed.
 * @param onLost told of each that breaks between two queries; the next query gets another.
 */
export function openPool(config: PoolConfig, onLost: (error: Error) => void): Kysely<Tables> {
  const pool = new Pool(config);
  pool.on('error', onLost);
  // The pool listens only while a connection is idle: one that breaks between two queries would end the process.
  pool.on('connect', (client) => client.on('error', onLost));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}
