import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../db/open.ts';
import { openTestDatabase, silentLog } from '../db/testing.ts';
import { openLedger } from './open.ts';
import { segmentPath } from './segments.ts';
import { openJournal, settled, started, temporaryDirectory } from './testing.ts';
import { engineCheck, verifyLedger } from './verify.ts';

let database: Database;
let dataDir: string;
beforeEach(async () => {
  database = await openTestDatabase();
  dataDir = temporaryDirectory();
  const ledger = await openLedger({ dataDir, journalMaxBytes: 1e8 }, database, silentLog);
  for (let index = 0; index < 3; index += 1) {
    const request = started({ id: `row-${index}` });
    await ledger.journal.settle(await ledger.journal.start(request), settled(request));
  }
  await ledger.close();
});
afterEach(() => database.close());

async function faults(): Promise<string[]> {
  const checks = await verifyLedger({ dataDir, kysely: database.kysely, serverRuns: false, deployments: [] });
  return checks.filter(({ ok }) => !ok).map(({ name, found }) => `${name}: ${found}`);
}

describe('verify', () => {
  test('finds nothing where all agree', async () => expect(await faults()).toEqual([]));

  test('finds a row that the table lost', async () => {
    await database.kysely.deleteFrom('ledger').where('id', '=', 'row-1').execute();
    expect(await faults()).toEqual([
      'journal and table: 3 settlements, 1 not in the table, 0 with other figures there',
      'table and sums: 2 rows, 0 doubled; sums that differ from theirs: ' +
        '1 in ledger_hours, 1 in ledger_days, 1 in project_hours, 1 in project_days',
    ]);
  });

  test('finds figures that were changed', async () => {
    await database.kysely
      .updateTable('ledger')
      .set({ completion_tokens: 1 })
      .where('id', '=', 'row-2')
      .execute();
    expect(await faults()).toEqual([
      expect.stringContaining('0 not in the table, 1 with other figures'),
      expect.stringContaining('1 in ledger_hours, 1 in ledger_days, 1 in project_hours, 1 in project_days'),
    ]);
  });

  test.each(['ledger_hours', 'ledger_days', 'project_hours', 'project_days'] as const)(
    'finds sums of %s that were changed, made up or lost',
    async (name) => {
      const { kysely } = database;
      const fault = (count: number) => [
        expect.stringMatching(new RegExp(`: (0 in \\w+, )*${count} in ${name}`)),
      ];
      await kysely.updateTable(name).set({ cached_tokens: 1 }).execute();
      expect(await faults()).toEqual(fault(1));
      await kysely.updateTable(name).set({ model: 'other' }).execute();
      expect(await faults()).toEqual(fault(2));
      await kysely.deleteFrom(name).execute();
      expect(await faults()).toEqual(fault(1));
    },
  );

  test('finds a damaged line', async () => {
    appendFileSync(segmentPath(join(dataDir, 'journal'), 1), 'deadbeef e{"id":"x"}\n');
    expect(await faults()).toEqual([expect.stringContaining('1 damaged lines')]);
  });

  test('finds a request that nobody owns', async () => {
    const journal = await openJournal(join(dataDir, 'journal'));
    await journal.start(started());
    journal.close();
    expect(await faults()).toEqual([expect.stringContaining('reservations: 1 without an owner')]);
  });
});

describe('an engine', () => {
  const totals = {
    started_at: '2026-01-01T00:00:00Z',
    prompt_tokens_total: 100,
    cached_tokens_total: 0,
    completion_tokens_total: 50,
  };
  test.each([
    ['agrees to the token', { prompt: '100', completion: '50', stopped: 0 }, true],
    ['is a token apart', { prompt: '100', completion: '49', stopped: 0 }, false],
    ['is a prompt apart', { prompt: '90', completion: '50', stopped: 0 }, false],
    [
      'is apart by what was under way in a stopped answer',
      { prompt: '100', completion: '45', stopped: 1 },
      true,
    ],
    [
      'is further apart than one stopped answer explains',
      { prompt: '100', completion: '200', stopped: 1 },
      false,
    ],
  ])('that %s', (_, sums, ok) => expect(engineCheck('embedded/m', totals, sums).ok).toBe(ok));
});
