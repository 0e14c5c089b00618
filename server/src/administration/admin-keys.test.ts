import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Changes } from '../db/changes.ts';
import type { Database } from '../db/open.ts';
import { openTestDatabase, silentLog } from '../db/testing.ts';
import { hashKey } from '../keys/format.ts';
import { createKey } from '../keys/keys.ts';
import { openKeyStore } from '../keys/store.ts';
import { archiveProject, createProject } from '../projects/administration.ts';
import { ensureDefaultProject } from '../projects/projects.ts';
import {
  createAdminKey,
  ensureFirstAdminKey,
  firstAdminKeyFile,
  openAdminKeyStore,
  revokeAdminKey,
} from './admin-keys.ts';

const actor = { kind: 'session', id: 'test' } as const;
const dataDir = mkdtempSync(join(tmpdir(), 'weai-admin-keys-'));
let database: Database;
let organizationId: string;
let changes: Changes;

beforeAll(async () => {
  database = await openTestDatabase();
  ({ organizationId } = await ensureDefaultProject(database.kysely));
  changes = new Changes(database, silentLog);
});

afterAll(async () => {
  await changes.stop();
  await database.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Fails when the condition doesn't hold within a second. */
async function within1s(condition: () => boolean): Promise<void> {
  const startMs = performance.now();
  while (!condition()) {
    if (performance.now() - startMs > 1000) throw new Error('it took longer than a second');
    await sleep(5);
  }
}

test('the first admin key is made once, written for its owner alone, and stored as a hash', async () => {
  await ensureFirstAdminKey(database.kysely, { organizationId, dataDir });
  const file = firstAdminKeyFile(dataDir);
  const key = readFileSync(file, 'utf8').trim();
  expect(key).toMatch(/^sk-weai-admin-[\w-]{43}$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await ensureFirstAdminKey(database.kysely, { organizationId, dataDir });
  expect(readFileSync(file, 'utf8').trim()).toBe(key);
  const row = await database.kysely.selectFrom('admin_keys').selectAll().executeTakeFirstOrThrow();
  expect(row.hash).toEqual(hashKey(key));
  expect(JSON.stringify({ ...row, hash: '' })).not.toContain(key.slice(20));
});

describe('running servers', () => {
  test('know admin keys apart from those of projects, and forget them within a second', async () => {
    const adminKeys = openAdminKeyStore(database, silentLog);
    const keys = openKeyStore(database, silentLog);
    await adminKeys.start(changes);
    await keys.start(changes);
    await changes.start();
    const { value, id } = await createAdminKey(database.kysely, { organizationId, name: 'ops', actor });
    await within1s(() => adminKeys.find(value) !== null);
    expect(adminKeys.find(value)).toEqual({ keyId: id, organizationId });
    expect(keys.find(value)).toBeNull();
    const project = await createProject(database.kysely, { organizationId, name: 'short', actor });
    const { key } = await createKey(database.kysely, { projectId: project.id, name: 'k', actor });
    await within1s(() => keys.find(key) !== null);
    expect(adminKeys.find(key)).toBeNull();

    expect(await revokeAdminKey(database.kysely, { organizationId: 'org-other', id, actor })).toBe(false);
    expect(await revokeAdminKey(database.kysely, { organizationId, id, actor })).toBe(true);
    await within1s(() => adminKeys.find(value) === null);
    await archiveProject(database.kysely, { organizationId, id: project.id, actor });
    await within1s(() => keys.find(key) === null);
    await adminKeys.stop();
    await keys.stop();
  });

  test('refuse an admin key that has expired', async () => {
    const made = { organizationId, name: 'brief', actor };
    const { value } = await createAdminKey(database.kysely, { ...made, expiresInSeconds: 0 });
    const later = await createAdminKey(database.kysely, { ...made, expiresInSeconds: 100 });
    const adminKeys = openAdminKeyStore(database, silentLog);
    await adminKeys.start({ on: () => undefined });
    expect(adminKeys.find(value)).toBeNull();
    expect(adminKeys.find(later.value)).not.toBeNull();
    await adminKeys.stop();
  });
});
