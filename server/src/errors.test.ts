import { fastify } from 'fastify';
import { sql } from 'kysely';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from './db/open.ts';
import { openTestDatabase, silentLog } from './db/testing.ts';
import { answerErrors } from './errors.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

/** What a route answers whose work fails. */
async function answerTo(work: () => Promise<unknown>) {
  const app = fastify();
  answerErrors(app, silentLog);
  app.get('/', work);
  const answer = await app.inject('/');
  await app.close();
  return { status: answer.statusCode, code: answer.json().error.code, retry: answer.headers['retry-after'] };
}

const away = { status: 503, code: 'database_unavailable', retry: '1' };

test.each([
  ['is not there', { host: '/nowhere' }],
  ['refuses connections', { host: '127.0.0.1', port: 9 }],
  ['takes too long to connect', { host: '127.0.0.1', port: 9, connectionTimeoutMillis: 1 }],
])('a database that %s is away, which is no internal error', async (_, options) => {
  const pool = new Pool(options);
  expect(await answerTo(() => pool.query('select 1'))).toEqual(away);
  await pool.end();
});

test.each([
  ['a wrong query', () => sql`select from nothing`.execute(database.kysely)],
  [
    'a file that is missing',
    () => Promise.reject(Object.assign(new Error('gone'), { code: 'ENOENT', syscall: 'open' })),
  ],
  ['what is no error', () => Promise.reject('text')],
])('%s is an internal error', async (_, work) => {
  expect(await answerTo(work)).toEqual({ status: 500, code: 'internal_error', retry: undefined });
});

test('a database that ends a query is away', async () => {
  const { kysely } = database;
  const query = () =>
    kysely.connection().execute(async (connection) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(connection);
      const asked = sql`select pg_sleep(10)`.execute(connection);
      await Promise.all([asked, sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(kysely)]);
    });
  expect(await answerTo(query)).toEqual(away);
});
