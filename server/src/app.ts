import type { FastifyInstance } from 'fastify';
import { type AdministrationDependencies, administrationRoutes } from './administration/routes.ts';
import { chatRoutes } from './chat/routes.ts';
import { storedRoutes } from './chat/stored-routes.ts';
import type { Config } from './config.ts';
import { consoleRoutes } from './console/routes.ts';
import type { ContentRecorder } from './contents/recorder.ts';
import { docsRoutes } from './docs/routes.ts';
import type { Upstream } from './engines/upstream.ts';
import { answerErrors } from './errors.ts';
import { authenticate } from './http/authentication.ts';
import type { KeyRing } from './http/authentication.ts';
import type { Drain } from './http/drain.ts';
import { healthRoutes } from './http/health.ts';
import type { HealthChecks } from './http/health.ts';
import { answerOnce } from './http/idempotency/idempotency.ts';
import { acceptJsonBodies } from './http/json-body.ts';
import { collectMethods, refuseOtherMethods } from './http/methods.ts';
import { logRequests } from './http/request-log.ts';
import type { RunningRequests } from './http/running-requests.ts';
import { createServer } from './http/server.ts';
import { answerUnknownPaths } from './http/unknown-paths.ts';
import type { Metering } from './ledger/metering.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics/metrics.ts';
import { metricsRoutes } from './metrics/routes.ts';
import type { ModelRegistry } from './models/registry.ts';
import { memberRoutes } from './members/routes.ts';
import { type ModelDependencies, modelRoutes } from './models/routes.ts';
import { playgroundRoutes } from './playground/routes.ts';
import type { Router } from './routing/router.ts';
import { type SignInDependencies, signInRoutes } from './sign-in/routes.ts';
import type { Tracing } from './tracing/trace.ts';
import { traceRequests } from './tracing/tracing.ts';

export interface AppDependencies extends AdministrationDependencies, Pick<ModelDependencies, 'mayUse'> {
  config: Config;
  log: Logger;
  keys: KeyRing;
  models: ModelRegistry;
  router: Router;
  upstream: Upstream;
  /** Nobody can sign in when left out. */
  signIn?: Pick<SignInDependencies, 'auth' | 'oidc' | 'sessions'>;
  /** Nothing is counted when left out. */
  metering?: Metering;
  /** No content is kept when left out. */
  contents?: ContentRecorder;
  running: RunningRequests;
  drain: Drain;
  /** There is no /metrics when left out. */
  metrics?: Metrics;
  /** Null while no collector is configured. */
  tracing?: Tracing | null;
  health: Omit<HealthChecks, 'drain'>;
}

/** The whole API: what every request passes, in order, then each feature's routes. */
export function buildApp(dependencies: AppDependencies): FastifyInstance {
  const { config, log, keys, running, drain, health, metrics, tracing, signIn } = dependencies;
  const app = createServer(config, log);

  answerErrors(app, log);
  logRequests(app, log, (answer) => metrics?.answered(answer));
  drain.mount(app);
  running.mount(app);
  acceptJsonBodies(app);
  const methods = collectMethods(app);
  answerUnknownPaths(app, methods);

  healthRoutes(app, { ...health, drain });
  if (metrics) metricsRoutes(app, { metrics, config });
  consoleRoutes(app);
  docsRoutes(app);

  void app.register((api, _options, done) => {
    if (tracing) traceRequests(api, tracing);
    authenticate(api, keys, signIn?.sessions);
    if (dependencies.idempotency) answerOnce(api, dependencies.idempotency);
    chatRoutes(api, dependencies);
    storedRoutes(api, dependencies);
    modelRoutes(api, dependencies);
    playgroundRoutes(api, dependencies);
    done();
  });
  void app.register((api, _options, done) => {
    if (tracing) traceRequests(api, tracing);
    administrationRoutes(api, { ...dependencies, ...(signIn && { sessions: signIn.sessions }) });
    done();
  });
  if (signIn) {
    void app.register((people, _options, done) => {
      signInRoutes(people, { ...dependencies, ...signIn });
      memberRoutes(people, signIn);
      done();
    });
  }

  refuseOtherMethods(app, methods);
  return app;
}
