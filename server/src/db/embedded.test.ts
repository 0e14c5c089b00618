import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { niceness } from './niceness.ts';
import { openBackground } from './background.ts';
import { openDatabase } from './open.ts';
import type { Database } from './open.ts';
import { silentLog } from './testing.ts';

const root = mkdtempSync(join(tmpdir(), 'weai-embedded-'));
// Longer than a socket's path may be, and closed to everybody else, as a checkout in root's home is.
const closed = join(root, 'closed');
const dataDir = join(closed, 'd'.repeat(120));
const config = { databaseUrl: null, dataDir };

beforeAll(() => {
  mkdirSync(dataDir, { recursive: true });
  chmodSync(closed, 0o700);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

async function value(database: Database): Promise<unknown> {
  const { rows } = await sql<{ value: unknown }>`select max(value) as value from kept`.execute(
    database.kysely,
  );
  return rows[0]?.value;
}

/** How nice the process behind a connection is, alone and, where Linux groups by session, as a session. */
async function nicenessOf(kysely: Database['kysely']): Promise<{ process: number; session: number | null }> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(kysely);
  const pid = rows[0]?.pid ?? Number.NaN;
  const file = `/proc/${pid}/autogroup`;
  const session = existsSync(file) ? /nice (-?\d+)$/.exec(readFileSync(file, 'utf8').trim())?.[1] : undefined;
  return { process: getPriority(pid), session: session === undefined ? null : Number(session) };
}

describe('the embedded PostgreSQL', () => {
  test('starts under a long path that only its owner may enter, with fsync, without TCP', async () => {
    const database = await openDatabase(config, silentLog);
    const { rows } = await sql`
      select current_setting('fsync') as fsync, current_setting('listen_addresses') as addresses`.execute(
      database.kysely,
    );
    expect(rows).toEqual([{ fsync: 'on', addresses: '' }]);
    await sql`create table kept (value integer)`.execute(database.kysely);
    await database.close();
  });

  test('is joined by a second process, and ends with the first', async () => {
    const first = await openDatabase(config, silentLog);
    const second = await openDatabase(config, silentLog);
    await sql`insert into kept values (1)`.execute(second.kysely);
    await second.close();
    expect(await value(first)).toBe(1);
    await first.close();
  });

  test('keeps what was committed when its owner is killed, and starts again at once', async () => {
    const owner = fork(join(import.meta.dirname, 'testing-owner.ts'), [dataDir], { execArgv: [] });
    await once(owner, 'message');
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    const database = await openDatabase(config, silentLog);
    expect(await value(database)).toBe(2);
    await database.close();
  });

  test('is not kept from starting by the pid file of a machine that was switched off', async () => {
    // Process 1 lives, and is not PostgreSQL.
    writeFileSync(join(dataDir, 'postgres/postmaster.pid'), `1\n${dataDir}\n`);
    const database = await openDatabase(config, silentLog);
    expect(await value(database)).toBe(2);
    await database.close();
  });

  test('leaves its cores to requests when it does what nobody waits for, and only then', async () => {
    const database = await openDatabase(config, silentLog);
    const asked = await nicenessOf(database.kysely);
    expect(asked.process).toBe(getPriority());
    expect(asked.session ?? 0).toBe(0);
    const troubles: string[] = [];
    const kysely = openBackground(database.background, (reason) => troubles.push(reason));
    const background = await nicenessOf(kysely);
    expect(background.process).toBe(niceness);
    expect(background.session ?? niceness).toBe(niceness);
    expect(troubles).toEqual([]);
    await kysely.destroy();
    await database.close();
  });

  test('starts again when it ends by itself', async () => {
    const database = await openDatabase(config, silentLog);
    const background = openBackground(database.background, () => undefined);
    expect((await nicenessOf(background)).process).toBe(niceness);
    const pidFile = readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8');
    process.kill(Number.parseInt(pidFile, 10), 'SIGKILL');
    await expect.poll(() => value(database).catch(() => null)).toBeNull();
    await expect.poll(() => value(database).catch(() => null), { timeout: 10_000 }).toBe(2);
    expect((await nicenessOf(background)).process).toBe(niceness);
    await background.destroy();
    await database.close();
  });
});
