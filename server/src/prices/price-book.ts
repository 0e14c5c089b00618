import type { Changes } from '../db/changes.ts';
import type { Database } from '../db/open.ts';
import { Reload } from '../db/reload.ts';
import type { PriceList, TokenPrice } from '../ledger/prices.ts';
import type { Logger } from '../log.ts';
import { type DatedPrice, listPrices } from './prices.ts';

/** Prices of a `weai.yaml`: they hold where the table has none in effect. */
export interface DeclaredPrices {
  tokenPrices: ReadonlyMap<string, TokenPrice>;
  /** Nano-dollars per hour, by deployment. */
  machinePrices: ReadonlyMap<string, number>;
}

/** The prices in effect, in memory; changes by any process are taken up within a second. */
export class PriceBook implements PriceList {
  #prices: DatedPrice[] = [];
  readonly #declared: DeclaredPrices;
  readonly #machinePrice: number;
  readonly #now: () => number;

  /** @param machinePrice nano-dollars for an hour of any machine whose price isn't declared. */
  constructor(declared: DeclaredPrices, machinePrice: number, now: () => number = Date.now) {
    this.#declared = declared;
    this.#machinePrice = machinePrice;
    this.#now = now;
  }

  /** Reads the table, and again at every change. Throws when it can't be read now. */
  async follow(changes: Pick<Changes, 'on'>, database: Pick<Database, 'kysely'>, log: Logger): Promise<void> {
    const reload = new Reload(async () => {
      this.#prices = await listPrices(database.kysely);
    });
    changes.on('prices', () =>
      reload.now().catch((error: unknown) => {
        log.warn({ reason: error instanceof Error ? error.message : '' }, 'prices could not be read again');
      }),
    );
    await reload.now();
  }

  tokenPrice(modelId: string): TokenPrice | null {
    const now = this.#now();
    const set = this.#prices.find(
      ({ model, effectiveFrom }) => model === modelId && effectiveFrom.getTime() <= now,
    );
    return set ?? this.#declared.tokenPrices.get(modelId) ?? null;
  }

  machinePrice(deploymentId: string): number {
    return this.#declared.machinePrices.get(deploymentId) ?? this.#machinePrice;
  }
}
