import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { createLog } from '../log.ts';
import { openDatabase } from './open.ts';
import type { Database } from './open.ts';

/** A log that says nothing. */
export const silentLog = createLog({ logLevel: 'silent' });

/** An empty, migrated database for one test file. */
export async function openTestDatabase(): Promise<Database> {
  const host = inject('postgresHost');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const administrator = new Client({ host, user: 'weai', database: 'postgres' });
  await administrator.connect();
  await administrator.query(`create database ${name}`);
  await administrator.end();
  const databaseUrl = `postgres://weai@/${name}?host=${encodeURIComponent(host)}`;
  return openDatabase({ databaseUrl, dataDir: '' }, silentLog);
}
