import type { Kysely } from 'kysely';
import { type Actor, commandLineActor, recordAct } from '../audit/audit.ts';
import { announceChange } from '../db/changes.ts';
import type { Tables } from '../db/tables.ts';
import type { TokenPrice } from '../ledger/prices.ts';
import { ensureDefaultProject } from '../projects/projects.ts';

/** A price of a model from a time on. */
export interface DatedPrice extends TokenPrice {
  model: string;
  effectiveFrom: Date;
}

/** Sets what a model's tokens cost from a time on; the same time again replaces. Rows of the ledger keep the price they had. */
export async function setPrice(
  kysely: Kysely<Tables>,
  price: DatedPrice,
  actor: Actor = commandLineActor(),
): Promise<void> {
  const columns = { input: price.input, cached_input: price.cachedInput, output: price.output };
  await kysely.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('prices')
      .values({ model: price.model, effective_from: price.effectiveFrom, ...columns })
      .onConflict((conflict) => conflict.columns(['model', 'effective_from']).doUpdateSet(columns))
      .execute();
    const { organizationId } = await ensureDefaultProject(transaction);
    await recordAct(transaction, {
      type: 'price.updated',
      actor,
      organizationId,
      projectId: null,
      resourceId: price.model,
      before: null,
      after: { effective_from: price.effectiveFrom.toISOString(), ...columns },
    });
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
