import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Changes } from '../db/changes.ts';
import type { Database } from '../db/open.ts';
import { openTestDatabase, silentLog } from '../db/testing.ts';
import { ensureDefaultProject } from '../projects/projects.ts';
import { createKey, listKeys, revokeKey } from './keys.ts';
import type { Identity } from '../http/authentication.ts';
import { openKeyStore } from './store.ts';
import type { KeyStore } from './store.ts';

let database: Database;
let changes: Changes;
let store: KeyStore<Identity>;
let projectId: string;

beforeAll(async () => {
  database = await openTestDatabase();
  projectId = (await ensureDefaultProject(database.kysely)).id;
  changes = new Changes(database, silentLog);
  store = openKeyStore(database, silentLog);
  await store.start(changes);
  await changes.start();
});

afterAll(async () => {
  await store.stop();
  await changes.stop();
  await database.close();
});

/** Milliseconds until the condition holds; fails after a second. */
async function within1s(condition: () => boolean): Promise<void> {
  const startMs = performance.now();
  while (!condition()) {
    if (performance.now() - startMs > 1000) throw new Error('it took longer than a second');
    await sleep(5);
  }
}

describe('KeyStore', () => {
  test('knows a new key, and forgets a revoked one, within a second', async () => {
    const { id, key } = await createKey(database.kysely, { projectId, name: 'short-lived' });
    await within1s(() => store.find(key) !== null);
    expect(store.find(key)).toMatchObject({ keyId: id, projectId });
    expect(await revokeKey(database.kysely, id)).toEqual({ outcome: 'revoked', id });
    await within1s(() => store.find(key) === null);
  });

  test('says once, within a second, which keys were revoked', async () => {
    const told: string[][] = [];
    store.onRevoked((ids) => void told.push([...ids]));
    const { id, key } = await createKey(database.kysely, { projectId, name: 'leaked' });
    await within1s(() => store.find(key) !== null);
    await revokeKey(database.kysely, id);
    await within1s(() => told.length > 0);
    const later = await createKey(database.kysely, { projectId, name: 'later' });
    await within1s(() => store.find(later.key) !== null);
    expect(told).toEqual([[id]]);
  });

  test('catches up on what happened while its connection was lost', async () => {
    const { id, key } = await createKey(database.kysely, { projectId, name: 'unheard' });
    await within1s(() => store.find(key) !== null);
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where query like 'listen%' and datname = current_database()`.execute(database.kysely);
    await revokeKey(database.kysely, id);
    await within1s(() => store.find(key) === null);
    expect(changes.connected).toBe(true);
  });

  test('takes up a change that arrives while it is loading', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        createKey(database.kysely, { projectId, name: `burst ${index}` }),
      ),
    );
    await within1s(() => made.every(({ key }) => store.find(key) !== null));
    expect(new Set(made.map(({ key }) => store.find(key)?.keyId)).size).toBe(20);
  });

  test('refuses unknown keys', () => {
    expect(store.find('sk-weai-never-made')).toBeNull();
    expect(store.find('')).toBeNull();
  });

  test('goes on knowing its keys while the database is down', async () => {
    const { key } = await createKey(database.kysely, { projectId, name: 'kept' });
    await within1s(() => store.find(key) !== null);
    const down = await openTestDatabase();
    const cut = openKeyStore(down, silentLog);
    const { id } = await ensureDefaultProject(down.kysely);
    const known = await createKey(down.kysely, { projectId: id, name: 'known' });
    let refresh: () => void = () => undefined;
    await cut.start({ on: (_table, listener) => (refresh = listener) });
    await down.close();
    refresh();
    await sleep(50);
    expect(cut.find(known.key)).not.toBeNull();
    await cut.stop();
  });

  test('writes down when a key was last used', async () => {
    const { id, key } = await createKey(database.kysely, { projectId, name: 'used' });
    const another = openKeyStore(database, silentLog);
    await another.start(changes);
    expect(another.find(key)).not.toBeNull();
    await another.stop();
    const listed = (await listKeys(database.kysely)).find((each) => each.id === id);
    expect(listed?.lastUsedAt).toBeInstanceOf(Date);
  });
});
