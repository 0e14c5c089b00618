import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { announceChange, Changes } from './changes.ts';
import type { Database } from './open.ts';
import { openTestDatabase, silentLog } from './testing.ts';

let database: Database;
let changes: Changes;
let takeUp: () => Promise<unknown> = () => Promise.resolve();

beforeAll(async () => {
  database = await openTestDatabase();
  changes = new Changes(database, silentLog);
  changes.on('prices', () => takeUp());
  await changes.start();
});
afterAll(async () => {
  await changes.stop();
  await database.close();
});

test('has caught up once listeners have taken up what was announced before', async () => {
  let taken = 0;
  takeUp = async () => {
    await sleep(20);
    taken += 1;
  };
  for (let turn = 1; turn <= 10; turn += 1) {
    await announceChange(database.kysely, 'prices');
    await changes.caughtUp();
    expect(taken).toBe(turn);
  }
});

test('waits for a listener that hangs for a second', async () => {
  takeUp = () => new Promise(() => undefined);
  await announceChange(database.kysely, 'prices');
  const startMs = performance.now();
  await changes.caughtUp();
  expect(performance.now() - startMs).toBeGreaterThan(990);
});

test('does not wait where changes are not heard', async () => {
  const unheard = new Changes(database, silentLog);
  await expect(unheard.caughtUp()).resolves.toBeUndefined();
});
