import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Changes } from '../db/changes.ts';
import { type Database, openDatabase } from '../db/open.ts';
import { createLog } from '../log.ts';
import { temporaryDirectory } from './file-server.fixture.ts';
import {
  addRemote,
  AddressError,
  listRemotes,
  modelIdPattern,
  normalizeBaseUrl,
  removeRemotes,
} from './remotes.ts';

test.each([
  ['http://host:8000', 'http://host:8000/v1'],
  ['http://host:8000/', 'http://host:8000/v1'],
  [' https://host/v1/ ', 'https://host/v1'],
  ['https://host/openai', 'https://host/openai/v1'],
  ['http://host/v1/chat/completions', 'http://host/v1'],
  ['http://[::1]:8000/v1', 'http://[::1]:8000/v1'],
])('%s becomes %s', (given, normalized) => {
  expect(normalizeBaseUrl(given)).toBe(normalized);
});

test.each([
  '',
  'host:8000',
  'localhost',
  'ftp://host/v1',
  'file:///etc',
  'http://user:key@host/v1',
  'http://h/v1?k=1',
])('“%s” is refused as an address', (given) => {
  expect(() => normalizeBaseUrl(given)).toThrow(AddressError);
});

test.each([
  ['llama3.1-8B', true],
  ['org/model:tag', true],
  ['', false],
  ['../etc', false],
  ['a/../b', false],
  ['a b', false],
  ['x'.repeat(129), false],
])('model name “%s” is possible: %s', (id, possible) => {
  expect(modelIdPattern.test(id)).toBe(possible);
});

describe('in the database', () => {
  const log = createLog({ logLevel: 'silent' });
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase({ databaseUrl: null, dataDir: await temporaryDirectory() }, log);
  }, 60_000);
  beforeEach(() => database.kysely.deleteFrom('deployments').execute());
  afterAll(() => database.close());

  const remote = {
    modelId: 'llama3.1-8B',
    upstreamModel: 'meta-llama/Llama-3.1-8B-Instruct',
    kind: 'vllm' as const,
    baseUrl: 'http://a:8000/v1',
    apiKeyEnv: null,
    contextTokens: 8192,
    imageInput: false,
  };

  test('remotes are numbered, and the same one is replaced', async () => {
    expect(await addRemote(database.kysely, remote)).toBe('remote/llama3.1-8B/1');
    expect(await addRemote(database.kysely, { ...remote, baseUrl: 'http://b/v1' })).toBe(
      'remote/llama3.1-8B/2',
    );
    expect(await addRemote(database.kysely, { ...remote, apiKeyEnv: 'KEY' })).toBe('remote/llama3.1-8B/1');
    const [first, second, ...more] = await listRemotes(database.kysely);
    expect(first).toMatchObject({ ...remote, id: 'remote/llama3.1-8B/1', apiKeyEnv: 'KEY' });
    expect(second?.baseUrl).toBe('http://b/v1');
    expect(more).toEqual([]);
  });

  test('remotes that are connected at once get different numbers', async () => {
    const add = (host: string) => addRemote(database.kysely, { ...remote, baseUrl: `http://${host}/v1` });
    const ids = await Promise.all(['a', 'b', 'c', 'd'].map(add));
    expect(new Set(ids).size).toBe(4);
  });

  test('one goes by its id, all by their model', async () => {
    await addRemote(database.kysely, remote);
    await addRemote(database.kysely, { ...remote, baseUrl: 'http://b/v1' });
    await addRemote(database.kysely, { ...remote, baseUrl: 'http://c/v1' });
    expect(await removeRemotes(database.kysely, 'remote/llama3.1-8B/2')).toEqual(['remote/llama3.1-8B/2']);
    expect(await removeRemotes(database.kysely, 'llama3.1-8B')).toHaveLength(2);
    expect(await removeRemotes(database.kysely, 'llama3.1-8B')).toEqual([]);
  });

  test('a change is heard by a running server within a second', async () => {
    const changes = new Changes(database, log);
    const heard = new Promise<number>((resolve) => {
      changes.on('deployments', () => resolve(performance.now()));
    });
    await changes.start();
    const since = performance.now();
    await addRemote(database.kysely, remote);
    expect((await heard) - since).toBeLessThan(1000);
    await changes.stop();
  });
});
