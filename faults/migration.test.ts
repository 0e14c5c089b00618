import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../server/src/db/embedded.ts';
import { log } from './platform/database.ts';

/** Where migrations are stopped, as a part of all their commands. */
const stops = [0, 0.2, 0.4, 0.6, 0.8, 1];
const stopsWithPostgres = [0.2, 0.7];

const dataDir = mkdtempSync(path.join(tmpdir(), 'weai-migration-'));
let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
/** What a migration that nobody disturbs makes, and how many commands that takes. */
let whole: { schema: string[]; commands: number };
let databases = 0;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(dataDir, log, true);
  const database = await emptyDatabase();
  if ((await started(database).ended) !== 0) throw new Error('an undisturbed migration failed');
  whole = { schema: await schemaOf(database), commands: await commandsSeen(database) };
});
afterAll(async () => {
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function connect(database: string): Promise<Client> {
  const client = new Client({ ...postgres.connectionOptions, database });
  // The connection that holds the stop is lost with PostgreSQL.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function query<Row extends object>(database: string, text: string): Promise<Row[]> {
  const client = await connect(database);
  const { rows } = await client.query<Row>(text);
  await client.end();
  return rows;
}

/** A database whose commands that change the schema are counted, and which stops before one of them while a lock is held. */
async function emptyDatabase(stopBefore = 0): Promise<string> {
  databases += 1;
  const name = `migrated_${databases}`;
  await query('postgres', `create database ${name}`);
  await query(
    name,
    `create schema faults;
    create sequence faults.commands;
    create function faults.count_command() returns event_trigger language plpgsql as $$
    begin
      if nextval('faults.commands') = ${stopBefore} then perform pg_advisory_xact_lock(42); end if;
    end $$;
    create event trigger count_commands on ddl_command_start execute function faults.count_command();`,
  );
  return name;
}

async function commandsSeen(database: string): Promise<number> {
  const [row] = await query<{ last_value: string }>(database, 'select last_value from faults.commands');
  return Number(row?.last_value);
}

/** Every column, index and constraint, and the migrations that count as done. */
async function schemaOf(database: string): Promise<string[]> {
  const rows = await query<{ line: string }>(
    database,
    `select format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) as line
      from information_schema.columns where table_schema = 'public'
    union all select indexdef from pg_indexes where schemaname = 'public'
    union all select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint
      where connamespace = 'public'::regnamespace
    union all select name from kysely_migration
    order by 1`,
  );
  return rows.map(({ line }) => line);
}

/** Starts a process that migrates. */
function started(database: string): { kill(): void; ended: Promise<number | null> } {
  const { host = '', user = '' } = postgres.connectionOptions;
  const url = `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`;
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'platform/migrate.ts'), url], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return {
    kill: () => child.kill('SIGKILL'),
    ended: once(child, 'exit').then(([code]) => code as number | null),
  };
}

/** Starts a migration and waits until it stands still in the middle. Returns the way to let it go on. */
async function stoppedMigration(part: number) {
  const before = Math.max(1, Math.round(part * whole.commands));
  const database = await emptyDatabase(before);
  const holder = await connect(database);
  await holder.query('select pg_advisory_lock(42)');
  const migration = started(database);
  await expect
    .poll(
      () =>
        query('postgres', `select from pg_locks where locktype = 'advisory' and objid = 42 and not granted`),
      {
        timeout: 10_000,
      },
    )
    .toHaveLength(1);
  return { database, migration, holder };
}

test(`a migration killed with -9 at ${stops.length} points: the next start finishes it, and two at once do`, async () => {
  for (const part of stops) {
    const { database, migration, holder } = await stoppedMigration(part);
    migration.kill();
    expect(await migration.ended).toBeNull();
    await holder.end();
    const both = [started(database), started(database)];
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0]);
    expect(await schemaOf(database), `killed at ${part} of the migration`).toEqual(whole.schema);
  }
  console.log(
    `migration killed × ${stops.length}: finished by the next start each time, ${whole.commands} commands`,
  );
});

test(`PostgreSQL killed with -9 at ${stopsWithPostgres.length} points of a migration: the next start finishes it`, async () => {
  for (const part of stopsWithPostgres) {
    const { database, migration, holder } = await stoppedMigration(part);
    const [pid] = readFileSync(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGKILL');
    expect(await migration.ended).toBe(1);
    await holder.end().catch(() => undefined);
    await expect
      .poll(() => query('postgres', 'select 1').catch(() => null), { timeout: 20_000, interval: 200 })
      .not.toBeNull();
    expect(await started(database).ended).toBe(0);
    expect(await schemaOf(database), `PostgreSQL killed at ${part} of the migration`).toEqual(whole.schema);
  }
  console.log(
    `PostgreSQL killed × ${stopsWithPostgres.length} in a migration: finished by the next start each time`,
  );
});
