import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../db/open.ts';
import { openTestDatabase } from '../db/testing.ts';
import { ensureDefaultProject, ensureProject } from '../projects/projects.ts';
import { formatKeys } from './cli.ts';
import { hashKey } from './format.ts';
import { createKey, ensureFirstKey, firstKeyFile, listKeys, revokeKey } from './keys.ts';

let database: Database;
let projectId: string;
const dataDir = mkdtempSync(join(tmpdir(), 'weai-keys-'));

beforeAll(async () => {
  database = await openTestDatabase();
  projectId = (await ensureDefaultProject(database.kysely)).id;
});

afterAll(async () => {
  await database.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('the first key', () => {
  test('is made once, written for its owner alone, and stored as a hash', async () => {
    const options = { projectId, dataDir, chosenKey: null };
    const key = await ensureFirstKey(database.kysely, options);
    expect(key).toMatch(/^sk-weai-[\w-]{43}$/);
    expect(readFileSync(firstKeyFile(dataDir), 'utf8')).toBe(`${key}\n`);
    expect(statSync(firstKeyFile(dataDir)).mode & 0o777).toBe(0o600);
    expect(await ensureFirstKey(database.kysely, options)).toBeNull();
    const row = await database.kysely.selectFrom('api_keys').selectAll().executeTakeFirstOrThrow();
    expect(row.hash).toEqual(hashKey(key ?? ''));
    expect(JSON.stringify({ ...row, hash: '' })).not.toContain(key?.slice(20));
  });

  test('may be chosen later too, and stays revoked once it is', async () => {
    const options = { projectId, dataDir, chosenKey: 'chosen-key-0123456789' };
    expect(await ensureFirstKey(database.kysely, options)).toBe(options.chosenKey);
    expect((await revokeKey(database.kysely, options.chosenKey)).outcome).toBe('revoked');
    expect(await ensureFirstKey(database.kysely, options)).toBeNull();
  });
});

describe('revokeKey', () => {
  test('takes an id, a name, a prefix or the key', async () => {
    for (const by of ['id', 'name', 'prefix', 'key'] as const) {
      const made = await createKey(database.kysely, { projectId, name: `to revoke by ${by}` });
      const listed = (await listKeys(database.kysely)).find(({ id }) => id === made.id);
      const references = { ...listed, ...made };
      expect(await revokeKey(database.kysely, references[by] ?? '')).toEqual({
        outcome: 'revoked',
        id: made.id,
      });
    }
  });

  test('touches none of several keys, and says when there is none', async () => {
    await createKey(database.kysely, { projectId, name: 'twin' });
    await createKey(database.kysely, { projectId, name: 'twin' });
    expect(await revokeKey(database.kysely, 'twin')).toEqual({ outcome: 'ambiguous' });
    expect(await revokeKey(database.kysely, 'nothing')).toEqual({ outcome: 'unknown' });
  });
});

test('keys are listed by project, never in full', async () => {
  const { id } = await ensureProject(database.kysely, 'other');
  const { key } = await createKey(database.kysely, { projectId: id, name: 'theirs' });
  const listed = await listKeys(database.kysely, 'other');
  expect(listed.map(({ name, project }) => [name, project])).toEqual([['theirs', 'other']]);
  expect(formatKeys(listed)).toContain('theirs');
  expect(formatKeys(listed)).not.toContain(key);
});

test('servers that race make one default project', async () => {
  const fresh = await openTestDatabase();
  const made = await Promise.all(Array.from({ length: 8 }, () => ensureDefaultProject(fresh.kysely)));
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  await fresh.close();
});
