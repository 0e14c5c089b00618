import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../db/open.ts';
import { openTestDatabase, silentLog } from '../db/testing.ts';
import { DeliveryThread } from './delivery-thread.ts';
import { openJournal, settled, started, temporaryDirectory } from './testing.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

async function segmentOf(project: string): Promise<{ directory: string; path: string; bytes: number }> {
  const directory = temporaryDirectory();
  const journal = await openJournal(directory);
  await journal.settle(null, settled(started({ project_id: project })));
  journal.close();
  const [segment] = journal.segments;
  if (segment === undefined) throw new Error('a journal has a segment');
  return { directory, path: segment.path, bytes: segment.bytes };
}

async function rowsOf(project: string) {
  return database.kysely.selectFrom('ledger').select('id').where('project_id', '=', project).execute();
}

test('delivers, and can be closed twice', async () => {
  const { directory, path, bytes } = await segmentOf('thread');
  const thread = new DeliveryThread({ directory, background: database.background }, silentLog);
  const range = { path, from: 0, to: bytes };
  expect(await thread.deliver(range)).toEqual({ end: bytes, rejected: [], failure: null });
  expect(await rowsOf('thread')).toHaveLength(1);
  await thread.close();
  await thread.close();
});

test('tells of a database that is away, and of a segment that cannot be read', async () => {
  const { directory, path, bytes } = await segmentOf('away');
  const options = { host: temporaryDirectory(), user: 'weai', database: 'postgres' };
  const away = new DeliveryThread({ directory, background: { options, yields: false } }, silentLog);
  expect(await away.deliver({ path, from: 0, to: bytes })).toMatchObject({
    end: 0,
    failure: expect.stringContaining('ENOENT'),
  });
  await away.close();
  const thread = new DeliveryThread({ directory, background: database.background }, silentLog);
  expect(await thread.deliver({ path: `${path}.gone`, from: 0, to: bytes })).toMatchObject({
    end: 0,
    failure: expect.stringContaining('no such file'),
  });
  await thread.close();
});

test('has another thread deliver where one has ended by itself', async () => {
  const { directory, path, bytes } = await segmentOf('ended');
  const thread = new DeliveryThread({ directory, background: database.background }, silentLog);
  // Nothing in it reads what is no range.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- to end the thread by a real error in it
  await expect(thread.deliver(undefined as never)).rejects.toThrow(TypeError);
  expect(await thread.deliver({ path, from: 0, to: bytes })).toMatchObject({ end: bytes, failure: null });
  expect(await rowsOf('ended')).toHaveLength(1);
  await thread.close();
});
