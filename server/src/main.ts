import { hostname } from 'node:os';
import { ApiError } from '@weai/protocol/errors';
import { sql } from 'kysely';
import { ensureFirstAdminKey, openAdminKeyStore } from './administration/admin-keys.ts';
import { buildApp } from './app.ts';
import { formatBanner } from './banner.ts';
import { settings } from './config.ts';
import type { Config } from './config.ts';
import { acquireLock, lockHolder, prepareDataDirectory } from './data-directory.ts';
import { ContentPolicies } from './contents/policies.ts';
import { ContentRecorder } from './contents/recorder.ts';
import { sweepContents } from './contents/store.ts';
import { alone } from './db/advisory-lock.ts';
import { Changes } from './db/changes.ts';
import { openDatabase } from './db/open.ts';
import { LocalEngines } from './engines/local-engines.ts';
import { Upstream } from './engines/upstream.ts';
import { Drain } from './http/drain.ts';
import { EngineTime } from './ledger/engine-time.ts';
import { Ledger } from './ledger/ledger.ts';
import { MachineTime } from './ledger/machine-time.ts';
import { openLedger } from './ledger/open.ts';
import { PromptEstimate } from './ledger/prompt-estimate.ts';
import { IdempotencyStore } from './http/idempotency/store.ts';
import { RunningRequests } from './http/running-requests.ts';
import { ensureFirstKey, firstKeyFile } from './keys/keys.ts';
import { openKeyStore } from './keys/store.ts';
import { checkPortIsFree, listen } from './listening.ts';
import type { Logger } from './log.ts';
import { catalogue } from './models/catalogue.ts';
import { EngineWatch } from './models/engine-watch.ts';
import { ModelOverview } from './models/overview.ts';
import { Pulls } from './models/pulls.ts';
import { readDeclarations } from './models/declared.ts';
import { fetchStarter } from './models/starter.ts';
import { LimitBook, whoMayNotUse } from './limits/limit-book.ts';
import { Limiter } from './limits/limiter.ts';
import { MemoryCounters } from './limits/memory-counters.ts';
import { rebuildCounters, spentSoFar } from './limits/rebuild.ts';
import { RedisCounters } from './limits/redis-counters.ts';
import { MeasuredMetering } from './metrics/measured.ts';
import { Metrics } from './metrics/metrics.ts';
import { observeSources } from './metrics/sources.ts';
import { LiveModelRegistry } from './models/registry.ts';
import { PriceBook } from './prices/price-book.ts';
import { ensureDefaultProject } from './projects/projects.ts';
import { Router } from './routing/router.ts';
import { describeServer } from './server-address.ts';
import { sweepSignIn } from './sign-in/attempts.ts';
import { openSignIn } from './sign-in/open.ts';
import { newOwnerToken, ownerLink } from './sign-in/owner-link.ts';
import { StartError } from './start-error.ts';
import { openTracing } from './tracing/tracing.ts';

export interface RunningServer {
  url: string;
  /** Lets running requests finish, then stops the engines, then the database. */
  stop(): Promise<void>;
}

/**
 * Starts everything, in this order: data directory, database and starter weights, engines, listening socket, banner.
 * Whatever fails or is aborted on the way, what had been started is stopped again.
 * Throws an error with a sentence for the operator; on abort, the signal's reason.
 */
export async function startServer(config: Config, log: Logger, signal: AbortSignal): Promise<RunningServer> {
  const started = new AsyncDisposableStack();
  try {
    return await startInto(started, config, log, signal);
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

async function startInto(
  started: AsyncDisposableStack,
  config: Config,
  log: Logger,
  signal: AbortSignal,
): Promise<RunningServer> {
  await prepareDataDirectory(config.dataDir);
  const lock = await acquireLock(config.dataDir, 'server');
  if (lock === null) {
    const holder = await lockHolder(config.dataDir, 'server');
    throw new StartError(
      `WeAI is already running on ${config.dataDir} (${holder ?? 'another process'}): use it, stop it, or choose another WEAI_DATA_DIR.`,
    );
  }
  started.defer(() => lock.release());
  await checkPortIsFree(config);
  const declarations = await readDeclarations(config);
  if (declarations.file !== config.modelsFile && config.modelsFile !== settings.modelsFile.default) {
    throw new StartError(`There is no ${config.modelsFile}, which ${settings.modelsFile.name} names.`);
  }

  const starter = config.standIn ? fetchStarter(config, log, signal) : Promise.resolve();
  const [opened, fetched] = await Promise.allSettled([
    openDatabase(config, log, { exclusive: true }),
    starter,
  ]);
  if (opened.status === 'rejected') throw opened.reason;
  const database = opened.value;
  started.defer(() => database.close());
  if (fetched.status === 'rejected') throw fetched.reason;
  signal.throwIfAborted();
  // Servers that start together on an empty database make the first keys once.
  const { project, newKey } = await alone(database.kysely, 'firstStart', async (connection) => {
    const { dataDir, bootstrapApiKey: chosenKey } = config;
    const made = await ensureDefaultProject(connection);
    const key = await ensureFirstKey(connection, { projectId: made.id, dataDir, chosenKey });
    await ensureFirstAdminKey(connection, { organizationId: made.organizationId, dataDir });
    return { project: made, newKey: key };
  });

  const changes = new Changes(database, log);
  const keys = openKeyStore(database, log);
  const adminKeys = openAdminKeyStore(database, log);
  const engines = new LocalEngines(log);
  const models = await LiveModelRegistry.open({
    config,
    database,
    log,
    stateOf: (deploymentId) => engines.stateOf(deploymentId) ?? 'ready',
  });
  await keys.start(changes);
  started.defer(() => keys.stop());
  await adminKeys.start(changes);
  started.defer(() => adminKeys.stop());
  const running = new RunningRequests();
  const signIn = await openSignIn({ database, config, log, changes, running });
  started.defer(() => signIn.stop());
  models.follow(changes);
  started.defer(() => models.stop());
  await changes.start();
  started.defer(() => changes.stop());
  started.defer(() => engines.stop());
  models.onChange(() => void engines.reconcile(models.localEngines()));
  await engines.reconcile(models.localEngines());
  signal.throwIfAborted();

  const prices = new PriceBook(declarations, config.machineUsdPerHour);
  await prices.follow(changes, database, log);
  const openedLedger = await openLedger(config, database, log);
  started.defer(() => openedLedger.close());
  const machineTime = new MachineTime({
    kysely: database.kysely,
    log,
    machineId: `${hostname()}:${config.dataDir}`,
    deployments: () =>
      models.deployments().map(({ id, endpoint }) => ({
        id,
        up: (engines.stateOf(id) ?? 'ready') === 'ready',
        local: 'socketPath' in endpoint,
      })),
    machinePrice: (deploymentId) => prices.machinePrice(deploymentId),
  });
  machineTime.start();
  started.defer(() => machineTime.stop());
  const estimate = new PromptEstimate();
  const ledger = new Ledger({
    journal: openedLedger.journal,
    prices,
    engineTime: new EngineTime(),
    estimate,
    onSettled: (row) => machineTime.used(row),
  });
  const share = config.redisUrl === null ? 1 : config.redisAwayShare;
  const memory = new MemoryCounters(() => performance.now(), share);
  await rebuildCounters(memory, database.kysely);
  const redis =
    config.redisUrl === null
      ? null
      : new RedisCounters({
          url: config.redisUrl,
          log,
          fallback: memory,
          spentInLedger: spentSoFar(openedLedger.shipper, database.kysely),
        });
  await redis?.start();
  started.defer(() => redis?.stop());
  const book = new LimitBook();
  await book.follow(changes, database, log);
  const limiter = new Limiter({ ledger, book, counters: redis ?? memory, prices, estimate });

  const policies = new ContentPolicies();
  await policies.follow(changes, database, log);
  const contents = new ContentRecorder({ kysely: database.kysely, policies, log });
  started.defer(() => contents.stop());

  const idempotency = new IdempotencyStore(database.kysely);
  const sweeping = setInterval(() => {
    Promise.all([idempotency.sweep(), sweepSignIn(database.kysely)]).catch((error: unknown) => {
      log.warn({ reason: error instanceof Error ? error.message : '' }, 'what is out of date stays for now');
    });
    sweepContents(database.kysely).catch((error: unknown) => {
      log.warn({ reason: error instanceof Error ? error.message : '' }, 'old contents stay for now');
    });
  }, 600_000);
  started.defer(() => clearInterval(sweeping));

  const upstream = new Upstream();
  started.defer(() => upstream.close());
  keys.onRevoked((revoked) =>
    running.end(
      new ApiError('invalid_api_key', 'The API key of this request was revoked.'),
      ({ identity }) => identity !== null && revoked.has(identity.keyId),
    ),
  );
  const drain = new Drain(running);
  const problems = () => [
    ...openedLedger.problems(),
    ...[redis?.problem, contents.problem].filter((problem) => typeof problem === 'string'),
  ];
  const metrics = new Metrics();
  observeSources(metrics, {
    journal: openedLedger.journal,
    unshippedBytes: () => openedLedger.shipper.unshippedBytes,
    engineStates: () => engines.states(),
    engineRestarts: () => engines.restarts(),
    machineTotals: () => machineTime.totals,
    problems,
    running,
  });
  const pulls = new Pulls({ catalogue, settings: config, log, onArrival: () => models.refresh() });
  await pulls.resume();
  started.defer(() => pulls.stop());
  const watch = new EngineWatch(engines);
  const overview = new ModelOverview({
    registry: models,
    catalogue,
    dataDir: config.dataDir,
    pulls,
    prices,
    load: (deploymentId) => metrics.load(deploymentId),
    statusOf: (deployment) => watch.statusOf(deployment),
    restartsOf: (deploymentId) => engines.restarts()[deploymentId] ?? null,
  });
  const tracing = await openTracing(config, log);
  started.defer(() => tracing?.close());
  const app = buildApp({
    config,
    log,
    keys,
    adminKeys,
    kysely: database.kysely,
    models,
    mayUse: (identity, names) => whoMayNotUse(book.of(identity), names) === null,
    modelAdministration: { overview, pulls, registry: models, isDraining: () => drain.draining },
    router: new Router(),
    upstream,
    signIn,
    metering: new MeasuredMetering(limiter, metrics),
    metrics,
    tracing,
    idempotency: { store: idempotency, log },
    contents,
    changes,
    running,
    drain,
    health: {
      engineStates: () => engines.states(),
      journalFull: () => openedLedger.journal.problem !== null,
      problems,
      databaseUp: () =>
        sql`select 1`.execute(database.kysely).then(
          () => true,
          () => false,
        ),
    },
  });
  started.defer(async () => {
    const unfinished = await drain.finish(app, config.drainTimeoutMs);
    if (unfinished > 0)
      log.warn({ unfinished }, 'requests were cut off: they took longer than the drain timeout');
    await app.close();
  });
  const url = await listen(app, config);
  lock.describe(describeServer(url));
  const ownerToken = await newOwnerToken(database.kysely, project.organizationId);
  process.stdout.write(
    formatBanner({
      url,
      ownerLink: ownerToken === null ? null : ownerLink(config.publicUrl ?? url, ownerToken),
      models: models.list(),
      keyFile: firstKeyFile(config.dataDir),
      newKey: config.bootstrapApiKey === null ? newKey : null,
      color: process.stdout.isTTY,
    }),
  );
  return { url, stop: () => started.disposeAsync() };
}
