import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';
import { openAdminKeyStore, createAdminKey } from '../administration/admin-keys.ts';
import { buildApp } from '../app.ts';
import { type Config, loadConfig } from '../config.ts';
import { Changes } from '../db/changes.ts';
import type { Database } from '../db/open.ts';
import type { ProjectRole, Role } from '../db/people-tables.ts';
import { openTestDatabase, silentLog } from '../db/testing.ts';
import { ScriptedUpstream } from '../engines/testing/scripted-upstream.ts';
import { Upstream } from '../engines/upstream.ts';
import { Drain } from '../http/drain.ts';
import { IdempotencyStore } from '../http/idempotency/store.ts';
import { RunningRequests } from '../http/running-requests.ts';
import { createKey } from '../keys/keys.ts';
import { openKeyStore } from '../keys/store.ts';
import { idleModelAdministration } from '../models/idle.testing.ts';
import { ensureDefaultProject, type Project } from '../projects/projects.ts';
import { Router } from '../routing/router.ts';
import { createInvite } from '../members/invites.ts';
import { openSignIn } from './open.ts';
import { newOwnerToken } from './owner-link.ts';

/** What a route answered. */
export interface Answer {
  status: number;
  headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of any shape, and fail where it is another
  body: any;
}

/** A server of its own on a database that others may share. */
export interface TestServer {
  app: FastifyInstance;
  url: string;
  /** Sends a request, by cookie with the header that proves it isn't forged, unless `headers` say otherwise. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  stop(): Promise<void>;
}

export interface TestSignIn extends TestServer {
  database: Database;
  project: Project;
  engine: ScriptedUpstream;
  adminKey: string;
  projectKey: string;
  /** Another server on the same database. */
  another(environment?: NodeJS.ProcessEnv): Promise<TestServer>;
  /** Makes the owner, `owner@example.com`, and returns the session's cookie. */
  welcomeOwner(): Promise<string>;
  /** Invites somebody as `<name>@example.com`, who accepts, and returns the session's cookie. */
  join(name: string, role: Role, projects?: { id: string; role: ProjectRole }[]): Promise<string>;
  close(): Promise<void>;
}

/** A password that tests sign in with. */
export const testPassword = 'correct horse battery';

/** The whole API with sign-in on a database of its own, in front of an engine that answers as scripted. */
export async function testSignIn(environment: NodeJS.ProcessEnv = {}): Promise<TestSignIn> {
  const database = await openTestDatabase();
  const { kysely } = database;
  const project = await ensureDefaultProject(kysely);
  const engine = await new ScriptedUpstream((response) => void response.writeHead(500).end()).listen();
  const { key: projectKey } = await createKey(kysely, { projectId: project.id, name: 'test' });
  const { organizationId } = project;
  const actor = { kind: 'session', id: 'test' } as const;
  const { value: adminKey } = await createAdminKey(kysely, { organizationId, name: 'test', actor });
  const servers: TestServer[] = [];
  const another = async (environment: NodeJS.ProcessEnv = {}) => {
    const server = await startServer(database, engine, loadConfig(environment));
    servers.push(server);
    return server;
  };
  const first = await another(environment);
  return {
    ...first,
    database,
    project,
    engine,
    adminKey,
    projectKey,
    another,
    welcomeOwner: async () => {
      const token = await newOwnerToken(kysely, organizationId);
      const person = { name: 'Olga Owner', email: 'owner@example.com', password: testPassword };
      return cookieOf(await first.send('POST', '/auth/welcome', { token, ...person }));
    },
    join: async (name, role, projects) => {
      const email = `${name}@example.com`;
      const invite = { organizationId, email, role, projects, actor, actorRole: 'owner' as const };
      const { token } = await createInvite(kysely, invite);
      const accepted = { token, name, password: testPassword };
      return cookieOf(await first.send('POST', '/auth/accept-invite', accepted));
    },
    close: async () => {
      for (const server of servers) await server.stop();
      await engine.close();
      await database.close();
    },
  };
}

/** The session cookie that an answer sets, as a browser sends it back. */
export function cookieOf({ status, headers, body }: Answer): string {
  const [cookie] = headers.getSetCookie().filter((text) => text.includes('session_token='));
  if (cookie === undefined) throw new Error(`no session: ${status} ${JSON.stringify(body)}`);
  return cookie.slice(0, cookie.indexOf(';'));
}

async function startServer(
  database: Database,
  engine: ScriptedUpstream,
  config: Config,
): Promise<TestServer> {
  const changes = new Changes(database, silentLog);
  const running = new RunningRequests();
  const keys = openKeyStore(database, silentLog);
  const adminKeys = openAdminKeyStore(database, silentLog);
  await keys.start(changes);
  await adminKeys.start(changes);
  const signIn = await openSignIn({ database, config, log: silentLog, changes, running });
  await changes.start();
  const upstream = new Upstream();
  const deployments = [engine.deployment()];
  const app = buildApp({
    config,
    log: silentLog,
    keys,
    adminKeys,
    kysely: database.kysely,
    changes,
    idempotency: { store: new IdempotencyStore(database.kysely), log: silentLog },
    models: {
      resolve: (requested) => ({ requested, modelId: 'test-model', standIn: false, deployments }),
      list: () => [],
      get: () => {
        throw new ApiError('model_not_found', 'There is none.', { param: 'model' });
      },
    },
    modelAdministration: idleModelAdministration(config),
    router: new Router(),
    upstream,
    signIn,
    running,
    drain: new Drain(running),
    health: { databaseUp: () => Promise.resolve(true), engineStates: () => ({}) },
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    app,
    url,
    send: async (method, path, body, headers = {}) => {
      const answer = await fetch(`${url}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(headers['cookie'] === undefined ? {} : { 'x-weai-csrf': '1' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      const isJson = answer.headers.get('content-type')?.startsWith('application/json');
      return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
    },
    stop: async () => {
      await app.close();
      await signIn.stop();
      await keys.stop();
      await adminKeys.stop();
      await changes.stop();
      await upstream.close();
    },
  };
}
