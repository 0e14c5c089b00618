import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { expect, test } from 'vitest';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';
import type { Tables } from './db/tables.ts';
import { silentLog } from './db/testing.ts';
import { Upstream } from './engines/upstream.ts';
import { Drain } from './http/drain.ts';
import { RunningRequests } from './http/running-requests.ts';
import { MemberGate } from './members/session-gate.ts';
import { StreamTickets } from './members/stream-ticket.ts';
import { idleModelAdministration, nobody } from './models/idle.testing.ts';
import { openapiDocument } from './openapi.ts';
import { Router } from './routing/router.ts';

test('every described path is mounted, and every mounted path of the API is described', async () => {
  const upstream = new Upstream();
  const running = new RunningRequests();
  const config = loadConfig({});
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: new Pool() }) });
  const app = buildApp({
    config,
    log: silentLog,
    keys: { find: () => null },
    adminKeys: { find: () => null },
    kysely,
    signIn: {
      oidc: null,
      auth: { handler: nobody },
      sessions: new MemberGate({
        book: { find: nobody, findById: nobody, memberOf: () => null },
        cookie: { name: 'c', secret: 's' },
        tickets: new StreamTickets('s'),
        publicUrl: null,
      }),
    },
    modelAdministration: idleModelAdministration(config),
    models: { resolve: nobody, list: () => [], get: nobody },
    router: new Router(),
    upstream,
    running,
    drain: new Drain(running),
    health: { databaseUp: () => Promise.resolve(true), engineStates: () => ({}) },
  });
  await app.ready();
  const { paths } = Object.assign({ paths: {} }, openapiDocument());
  for (const [path, operations] of Object.entries<object>(paths)) {
    const url = path.replace('{model}', 'llama3.1-8B');
    for (const method of ['GET', 'POST', 'DELETE'] as const) {
      const { statusCode } = await app.inject({ method, url });
      expect(`${method} ${path} ${statusCode !== 405}`).toBe(
        `${method} ${path} ${method.toLowerCase() in operations}`,
      );
      expect(statusCode).not.toBe(404);
    }
  }
  await app.close();
  await upstream.close();
});
