/**
 * WeAI's own app around the same proxy path, with no key looked up, no limit, no ledger, no metrics and no database: what
 * metering is compared with. Nobody should serve with it, so it is no setting of the product but a composition for benchmarks.
 * `node bare.benchmark.ts`, with the settings of `weai start` in the environment.
 */
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';
import { ContentPolicies } from './contents/policies.ts';
import { ContentRecorder } from './contents/recorder.ts';
import { prepareDataDirectory } from './data-directory.ts';
import type { Tables } from './db/tables.ts';
import { Upstream } from './engines/upstream.ts';
import { Drain } from './http/drain.ts';
import { IdempotencyStore } from './http/idempotency/store.ts';
import { RunningRequests } from './http/running-requests.ts';
import { createLog } from './log.ts';
import { LiveModelRegistry } from './models/registry.ts';
import { Router } from './routing/router.ts';

const config = loadConfig();
const log = createLog(config);
await prepareDataDirectory(config.dataDir);
/** Answers every query with no rows. */
const kysely = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});
const identity = { keyId: 'key-anyone', projectId: 'project-any', organizationId: 'organization-any' };
const running = new RunningRequests();
const drain = new Drain(running);
const app = buildApp({
  config,
  log,
  keys: { find: () => identity },
  adminKeys: { find: () => null },
  kysely,
  models: await LiveModelRegistry.open({ config, database: { kysely }, log }),
  router: new Router(),
  upstream: new Upstream(),
  idempotency: { store: new IdempotencyStore(kysely), log },
  contents: new ContentRecorder({ kysely, policies: new ContentPolicies(), log }),
  running,
  drain,
  health: {
    engineStates: () => ({}),
    problems: () => [],
    databaseUp: () => Promise.resolve(true),
  },
});
process.once('SIGTERM', () => {
  drain
    .finish(app, config.drainTimeoutMs)
    .then(() => process.exit(0))
    .catch((error: unknown) => {
      log.error({ err: error }, 'the bare server did not end well');
      process.exit(1);
    });
});
await app.listen({ host: config.host, port: config.port });
