import type { Kysely } from 'kysely';
import { announceChange } from '../db/changes.ts';
import type { Tables } from '../db/tables.ts';
import type { TokenPrice } from '../ledger/prices.ts';

/** A price of a model from a time on. */
export interface DatedPrice extends TokenPrice {
  model: string;
  effectiveFrom: Date;
}

/** Sets what a model's tokens cost from a time on; the same time again replaces. Rows of the ledger keep the price they had. */
export async function setPrice(kysely: Kysely<Tables>, price: DatedPrice): Promise<void> {
  const columns = { input: price.input, cached_input: price.cachedInput, output: price.output };
  await kysely.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('prices')
      .values({ model: price.model, effective_from: price.effectiveFrom, ...columns })
      .onConflict((conflict) => conflict.columns(['model', 'effective_from']).doUpdateSet(columns))
      .execute();
    await announceChange(transaction, 'prices');
  });
}

/** Every price there was, is and will be: by model, the latest first. */
export async function listPrices(kysely: Kysely<Tables>): Promise<DatedPrice[]> {
  const rows = await kysely
    .selectFrom('prices')
    .selectAll()
    .orderBy('model')
    .orderBy('effective_from', 'desc')
    .execute();
  return rows.map((row) => ({
    model: row.model,
    effectiveFrom: row.effective_from,
    input: Number(row.input),
    cachedInput: Number(row.cached_input),
    output: Number(row.output),
  }));
}
