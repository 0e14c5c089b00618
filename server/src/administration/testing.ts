import { fastify } from 'fastify';
import type { Database } from '../db/open.ts';
import { openTestDatabase, silentLog } from '../db/testing.ts';
import { answerErrors } from '../errors.ts';
import { RunningRequests } from '../http/running-requests.ts';
import { hashKey } from '../keys/format.ts';
import type { KnownKey } from '../keys/store.ts';
import { ensureDefaultProject, type Project } from '../projects/projects.ts';
import { type AdminKeyIdentity, createAdminKey } from './admin-keys.ts';
import { type AdministrationDependencies, administrationRoutes } from './routes.ts';

/** What tests look into of a list's item: fields that an item of its kind lacks are undefined, and the test fails. */
interface Item extends Record<string, unknown> {
  id: string;
  name: string;
  type: string;
  start_time: number;
  results: Record<string, unknown>[];
}

/** What tests look into of an answer: a resource, a list or an error. */
interface AnswerBody extends Item {
  data: Item[];
  has_more: boolean;
  last_id: string;
  next_page: string;
  next_cursor: string | null;
  error: { code: string; param: string; message: string };
}

/** What a route answered. */
export interface Answer {
  status: number;
  body: AnswerBody;
}

export interface TestAdministration {
  database: Database;
  project: Project;
  /** Address of the routes and what authenticates the default organization's admin key. */
  url: string;
  authorization: string;
  /** Sends a request with the default organization's admin key, or another. */
  send(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown, key?: string): Promise<Answer>;
  /** Makes an organization with a project of its own. */
  otherOrganization(name: string): Promise<{ organizationId: string; projectId: string; adminKey: string }>;
  close(): Promise<void>;
}

/**
 * The administration routes on a database of their own, behind keys that are read from it at each request.
 * @param modelAdministration what the routes of models and deployments work on; there are none without it.
 */
export async function testAdministration(
  modelAdministration?: (
    database: Database,
  ) => Promise<NonNullable<AdministrationDependencies['modelAdministration']>>,
): Promise<TestAdministration> {
  const database = await openTestDatabase();
  const { kysely } = database;
  const project = await ensureDefaultProject(kysely);
  const actor = { kind: 'session', id: 'test' } as const;
  const known: KnownKey<AdminKeyIdentity>[] = [];
  const app = fastify();
  answerErrors(app, silentLog);
  app.decorateRequest('identity', null);
  new RunningRequests().mount(app);
  const models = await modelAdministration?.(database);
  await app.register((api, _options, done) => {
    administrationRoutes(api, {
      kysely,
      ...(models === undefined ? {} : { modelAdministration: models }),
      adminKeys: {
        find: (key) => known.find(({ hash }) => hash.equals(hashKey(key)))?.identity ?? null,
      },
      keys: {
        find: (key) =>
          key === 'project-key'
            ? { keyId: 'k', projectId: 'p', organizationId: project.organizationId }
            : null,
      },
    });
    done();
  });
  const makeAdminKey = async (organizationId: string) => {
    const { id, value } = await createAdminKey(kysely, { organizationId, name: 'test', actor });
    known.push({ hash: hashKey(value), identity: { keyId: id, organizationId }, expiresAt: null });
    return value;
  };
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const adminKey = await makeAdminKey(project.organizationId);
  return {
    database,
    project,
    url: `${url}/v1/organization`,
    authorization: `Bearer ${adminKey}`,
    send: async (method, path, body, key = adminKey) => {
      const answer = await fetch(`${url}/v1/organization${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as AnswerBody };
    },
    otherOrganization: async (name) => {
      const organizationId = `org-${name}`;
      const projectId = `proj-${name}`;
      await kysely.insertInto('organizations').values({ id: organizationId, name }).execute();
      await kysely
        .insertInto('projects')
        .values({ id: projectId, organization_id: organizationId, name })
        .execute();
      return { organizationId, projectId, adminKey: await makeAdminKey(organizationId) };
    },
    close: async () => {
      await app.close();
      await database.close();
    },
  };
}
