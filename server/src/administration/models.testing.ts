import { join } from 'node:path';
import type { Database } from '../db/open.ts';
import { silentLog } from '../db/testing.ts';
import { Metrics } from '../metrics/metrics.ts';
import type { CatalogueEntry } from '../models/catalogue.ts';
import { EngineWatch } from '../models/engine-watch.ts';
import { temporaryDirectory } from '../models/file-server.fixture.ts';
import { ModelOverview } from '../models/overview.ts';
import { Pulls } from '../models/pulls.ts';
import { LiveModelRegistry } from '../models/registry.ts';
import { PriceBook } from '../prices/price-book.ts';

/** A catalogue of one model, whose weights a server in the test has. */
export function tinyEntry(url: string, weights: { sizeBytes: number; sha256: string }): CatalogueEntry {
  return {
    id: 'tiny',
    title: 'Tiny',
    family: 'tiny',
    parameters: 7,
    contextTokens: 512,
    licence: { name: 'Free', url: 'http://licence' },
    created: 1_700_000_000,
    ownedBy: 'us',
    capabilities: { imageInput: false, tools: true, structuredOutput: true, logprobs: true },
    weights: { fileName: 'tiny.gguf', quantization: 'F32', sources: [{ kind: 'url', url }], ...weights },
  };
}

/** Everything behind the routes of models, real but for engines of this machine: those never start. */
export async function testModels(database: Database, catalogue: CatalogueEntry[]) {
  const dataDir = await temporaryDirectory();
  const config = {
    dataDir,
    modelsFile: join(dataDir, 'weai.yaml'),
    standIn: true,
    engineDevice: 'auto' as const,
    engineThreads: null,
    engineContextTokens: null,
    hubUrl: 'http://127.0.0.1:9',
    hubToken: null,
    pythonIndexUrl: null,
    certificateFile: null,
  };
  return {
    config,
    open: async () => {
      const registry = await LiveModelRegistry.open({ config, database, log: silentLog, catalogue });
      const onArrival = (): Promise<void> => registry.refresh();
      const pulls = new Pulls({ catalogue, settings: config, log: silentLog, onArrival });
      const metrics = new Metrics();
      const watch = new EngineWatch({ stateOf: () => null, failureOf: () => null });
      const overview = new ModelOverview({
        registry,
        catalogue,
        dataDir,
        pulls,
        prices: new PriceBook(
          {
            tokenPrices: new Map([
              ['tiny', { input: 150_000_000, cachedInput: 75_000_000, output: 600_000_000 }],
            ]),
            machinePrices: new Map(),
          },
          2_000_000_000,
        ),
        load: (id) => metrics.load(id),
        statusOf: (deployment) => watch.statusOf(deployment),
        restartsOf: () => null,
      });
      return { registry, pulls, metrics, overview, isDraining: () => false };
    },
  };
}
