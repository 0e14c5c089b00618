import { fastify } from 'fastify';
import type { Database } from '../db/open.ts';
import { openTestDatabase, silentLog } from '../db/testing.ts';
import { answerErrors } from '../errors.ts';
import { acceptJsonBodies } from '../http/json-body.ts';
import { playgroundRoutes } from './routes.ts';

/** What a route answered. */
export interface Answer {
  status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of any shape, and fail where it is another
  body: any;
}

/** Who sends a request: the members ann and bob of one project, eve of another. */
export type Person = 'ann' | 'bob' | 'eve';
const projects: Record<Person, string> = { ann: 'proj-blue', bob: 'proj-blue', eve: 'proj-red' };

export interface TestPlayground {
  database: Database;
  send(person: Person, method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer>;
  close(): Promise<void>;
}

/** The playground's routes on a database of their own with two projects. */
export async function testPlayground(): Promise<TestPlayground> {
  const database = await openTestDatabase();
  const { kysely } = database;
  await kysely.insertInto('organizations').values({ id: 'org', name: 'org' }).execute();
  for (const id of new Set(Object.values(projects)))
    await kysely.insertInto('projects').values({ id, organization_id: 'org', name: id }).execute();
  await kysely
    .insertInto('api_keys')
    .values({
      id: 'ann',
      project_id: projects.ann,
      name: "Ann's key",
      hash: Buffer.from('ann'),
      prefix: 'sk',
      revoked_at: null,
      last_used_at: null,
    })
    .execute();
  const app = fastify({ routerOptions: { maxParamLength: 512 } });
  answerErrors(app, silentLog);
  acceptJsonBodies(app);
  app.decorateRequest('identity', null);
  app.addHook('onRequest', (request, _reply, done) => {
    const person = String(request.headers['person']) as Person;
    request.identity = { keyId: person, projectId: projects[person], organizationId: 'org' };
    done();
  });
  playgroundRoutes(app, { kysely });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    database,
    send: async (person, method, path, body) => {
      const answer = await fetch(`${url}/v1/playground${path}`, {
        method,
        headers: { person, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: answer.status, body: await answer.json() };
    },
    close: async () => {
      await app.close();
      await database.close();
    },
  };
}
