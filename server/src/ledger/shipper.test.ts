import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../db/open.ts';
import { openTestDatabase, silentLog } from '../db/testing.ts';
import { Delivery } from './delivery.ts';
import type { Journal } from './journal.ts';
import { openLedger } from './open.ts';
import { replay } from './replay.ts';
import { listSegments, segmentPath } from './segments.ts';
import { Shipper } from './shipper.ts';
import { openJournal, settled, started, temporaryDirectory } from './testing.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

async function setup(): Promise<{ directory: string; journal: Journal; shipper: Shipper }> {
  const directory = temporaryDirectory();
  const journal = await openJournal(directory);
  return { directory, journal, shipper: shipperOf(journal, directory) };
}

function shipperOf(journal: Journal, directory: string, kysely = database.kysely): Shipper {
  const delivery = new Delivery({ directory, kysely, batchRows: 7 });
  return new Shipper({ journal, delivery, log: silentLog });
}

async function settleMany(journal: Journal, project: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const request = started({ project_id: project });
    await journal.settle(await journal.start(request), settled(request));
  }
}

async function rowsOf(project: string) {
  return database.kysely.selectFrom('ledger').selectAll().where('project_id', '=', project).execute();
}

async function daysOf(project: string) {
  return database.kysely.selectFrom('ledger_days').selectAll().where('project_id', '=', project).execute();
}

describe('the shipper', () => {
  test('brings every settlement into the table once, however often it ships', async () => {
    const { directory, journal, shipper } = await setup();
    await settleMany(journal, 'once', 20);
    expect(shipper.unshippedBytes).toBe(journal.bytes);
    await shipper.ship();
    expect(shipper.unshippedBytes).toBe(0);
    await shipper.ship();
    await shipperOf(journal, directory).ship();
    expect(await rowsOf('once')).toHaveLength(20);
    expect(await daysOf('once')).toMatchObject([
      {
        requests: '20',
        prompt_tokens: '200',
        completion_tokens: '100',
        cost: String(20 * 18_000),
        machine_cost: '10000000',
      },
    ]);
  });

  test('removes segments that are through', async () => {
    const { journal, shipper } = await setup();
    await settleMany(journal, 'removed', 3);
    journal.rotate();
    const [old] = journal.segments;
    await shipper.ship();
    expect(journal.segments).toHaveLength(1);
    expect(existsSync(old?.path ?? '')).toBe(false);
    expect(await rowsOf('removed')).toHaveLength(3);
  });

  test('ships once and removes once where it is asked twice at a time', async () => {
    const { journal, shipper } = await setup();
    await settleMany(journal, 'twice', 20);
    journal.rotate();
    await Promise.all([shipper.ship(), shipper.ship()]);
    expect(journal.segments).toHaveLength(1);
    expect(await rowsOf('twice')).toHaveLength(20);
  });

  test('makes the partition that a row needs, also one long past', async () => {
    const { journal, shipper } = await setup();
    for (const started_at of ['2019-12-31T23:59:59.999Z', '2020-01-01T00:00:00.000Z']) {
      await journal.settle(null, settled(started({ project_id: 'past', started_at })));
    }
    await shipper.ship();
    const { rows } = await sql<{ name: string }>`
      select tableoid::regclass::text as name from ledger where project_id = 'past' order by started_at`.execute(
      database.kysely,
    );
    expect(rows.map(({ name }) => name)).toEqual(['ledger_2019_12', 'ledger_2020_01']);
  });

  test('puts a row aside that can never be inserted, and ships the others', async () => {
    const { directory, journal, shipper } = await setup();
    await settleMany(journal, 'beside', 2);
    await journal.settle(
      null,
      settled(started({ project_id: 'beside' }), { prompt_tokens: 1e12, cached_tokens: 0 }),
    );
    await settleMany(journal, 'beside', 2);
    await shipper.ship();
    expect(await rowsOf('beside')).toHaveLength(4);
    expect(readFileSync(join(directory, 'rejected.jsonl'), 'utf8').split('\n')).toHaveLength(2);
    expect(shipper.problem).toContain('rejected.jsonl');
  });

  test('ships what a version before this one has left, whose settlements have names', async () => {
    const directory = temporaryDirectory();
    const row = settled(started({ project_id: 'named' }));
    const payload = `e${JSON.stringify(row)}`;
    const checksum = crc32(payload).toString(16).padStart(8, '0');
    await writeFile(segmentPath(directory, 1), `${checksum} ${payload}\n`);
    const segments = await listSegments(directory);
    expect(
      (await replay(segments, (entry) => expect(entry).toEqual({ kind: 'settled', value: row }))).settled,
    ).toBe(1);
    const journal = await openJournal(directory);
    await shipperOf(journal, directory).ship();
    expect(await rowsOf('named')).toMatchObject([{ id: row.id, status: 'completed', prompt_tokens: 10 }]);
    expect(journal.segments).toHaveLength(1);
  });

  test('leaves a row alone that is in the table, also where it did not expect one', async () => {
    const { directory, journal, shipper } = await setup();
    await settleMany(journal, 'expected', 1);
    await shipper.ship();
    const request = started({ project_id: 'unexpected' });
    const other = await openJournal(temporaryDirectory());
    await other.settle(null, settled(request));
    await shipperOf(other, directory).ship();
    await journal.settle(null, settled(request));
    await settleMany(journal, 'unexpected', 3);
    await shipper.ship();
    expect(await rowsOf('unexpected')).toHaveLength(4);
    expect(await daysOf('unexpected')).toMatchObject([{ requests: '4' }]);
    expect(existsSync(join(directory, 'rejected.jsonl'))).toBe(false);
  });

  test('keeps everything in the journal while the database is away', async () => {
    const { directory, journal } = await setup();
    const gone = await openTestDatabase();
    await gone.close();
    await settleMany(journal, 'away', 5);
    await expect(shipperOf(journal, directory, gone.kysely).ship()).rejects.toThrow();
    await shipperOf(journal, directory).ship();
    expect(await rowsOf('away')).toHaveLength(5);
  });
});

test('what a dead server left open becomes interrupted, once, with its last known counts', async () => {
  const dataDir = temporaryDirectory();
  const journal = await openJournal(join(dataDir, 'journal'));
  const request = started({ project_id: 'dead' });
  const place = await journal.start(request);
  const counts = { promptTokens: 100, cachedTokens: 0, completionTokens: 7, reasoningTokens: 0 };
  journal.progress(place, {
    id: request.id,
    deployment: 'd',
    machine_price: 0,
    engine_seconds: 1.5,
    after_ms: 40,
    counts,
  });
  await journal.start(started({ project_id: 'dead', id: 'never-sent' }));
  journal.close();
  for (let start = 0; start < 3; start += 1) {
    const ledger = await openLedger({ dataDir, journalMaxBytes: 1e8 }, database, silentLog);
    await ledger.close();
  }
  const rows = await rowsOf('dead');
  expect(rows).toHaveLength(2);
  expect(rows.find(({ id }) => id === request.id)).toMatchObject({
    status: 'interrupted',
    prompt_tokens: 100,
    completion_tokens: 7,
    duration_ms: 40,
    engine_seconds: 1.5,
    cost: String(100 * 1000 + 7 * 2000),
  });
});
