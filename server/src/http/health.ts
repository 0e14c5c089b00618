import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Drain } from './drain.ts';

/** A database that takes longer to answer than this is as good as none. */
const databasePatienceMs = 2000;

/** What the server needs to be of use, looked at anew for each question. */
export interface HealthChecks {
  drain: Pick<Drain, 'draining'>;
  /** Whether the database answers. */
  databaseUp(): Promise<boolean>;
  /** Deployment id → state of each engine that this server runs. */
  engineStates(): Record<string, string>;
  /** Whether the journal takes no request: each would be refused. False when left out. */
  journalFull?: () => boolean;
  /** What an operator should know of metering and limits; empty when all is well. */
  problems?: () => string[];
}

/**
 * `/healthz`: the process is alive. `/readyz`: whether to send it requests, and what is amiss. It is ready without its
 * database as long as the journal takes requests, since known keys go on working, and without an engine only when it runs none of
 * its own.
 */
export function healthRoutes(app: FastifyInstance, checks: HealthChecks): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const engines = checks.engineStates();
    const states = Object.values(engines);
    const serving = states.length === 0 || states.includes('ready');
    const ready = serving && !checks.drain.draining && checks.journalFull?.() !== true;
    const database = (await Promise.race([
      checks.databaseUp(),
      sleep(databasePatienceMs, false, { ref: false }),
    ]))
      ? 'up'
      : 'down';
    const problems = checks.problems?.() ?? [];
    const healthy = database === 'up' && problems.length === 0 && states.every((state) => state === 'ready');
    void reply.code(ready ? 200 : 503);
    return { status: ready ? (healthy ? 'ready' : 'degraded') : 'not_ready', database, engines, problems };
  });
}
