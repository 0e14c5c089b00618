import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../db/open.ts';
import { openTestDatabase, silentLog } from '../db/testing.ts';
import { PriceBook } from './price-book.ts';
import { listPrices, setPrice } from './prices.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const declaredPrice = { input: 1, cachedInput: 1, output: 2 };
const declared = {
  tokenPrices: new Map([['declared', declaredPrice]]),
  machinePrices: new Map([['dear', 9]]),
};

describe('the price book', () => {
  test('has the price in effect: set, else declared, else none', async () => {
    const price = { model: 'm', input: 10, cachedInput: 5, output: 20 };
    await setPrice(database.kysely, { ...price, effectiveFrom: new Date(1000) });
    await setPrice(database.kysely, { ...price, input: 11, effectiveFrom: new Date(2000) });
    await setPrice(database.kysely, { ...price, input: 12, effectiveFrom: new Date(2000) });
    let nowMs = 999;
    const book = new PriceBook(declared, 7, () => nowMs);
    const listeners: (() => void)[] = [];
    await book.follow({ on: (_, listener) => void listeners.push(listener) }, database, silentLog);
    expect(book.tokenPrice('m')).toBeNull();
    nowMs = 1000;
    expect(book.tokenPrice('m')).toMatchObject({ input: 10 });
    nowMs = 2000;
    expect(book.tokenPrice('m')).toMatchObject({ input: 12 });
    expect(book.tokenPrice('declared')).toEqual(declaredPrice);
    await setPrice(database.kysely, { ...price, model: 'declared', effectiveFrom: new Date(1) });
    for (const listener of listeners) listener();
    await expect.poll(() => book.tokenPrice('declared')).toMatchObject({ input: 10 });
    expect(await listPrices(database.kysely)).toHaveLength(3);
    expect([book.machinePrice('dear'), book.machinePrice('other')]).toEqual([9, 7]);
  });
});
