import type { Config } from '../config.ts';
import { silentLog } from '../db/testing.ts';
import { ModelOverview } from './overview.ts';
import { Pulls } from './pulls.ts';

/** What is not asked for in a test; throws when it is. */
export function nobody(): never {
  throw new Error('not asked for in this test');
}

/** An administration of models where there are none. */
export function idleModelAdministration(config: Config) {
  const registry = { inventory: () => [], remoteOf: () => null, refresh: () => Promise.resolve() };
  const pulls = new Pulls({ catalogue: [], settings: config, log: silentLog, onArrival: registry.refresh });
  const overview = new ModelOverview({
    registry,
    catalogue: [],
    dataDir: config.dataDir,
    pulls,
    prices: { tokenPrice: () => null, machinePrice: () => 0 },
    load: nobody,
    statusOf: nobody,
    restartsOf: () => null,
  });
  return { overview, pulls, registry, isDraining: () => false };
}
