import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ApiError } from '@weai/protocol/errors';
import Fastify from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Changes } from '../db/changes.ts';
import { type Database, openDatabase } from '../db/open.ts';
import { createLog } from '../log.ts';
import { catalogueEntry } from './catalogue.ts';
import { temporaryDirectory } from './file-server.fixture.ts';
import { LiveModelRegistry, type RegistrySettings } from './registry.ts';
import { addRemote, removeRemotes } from './remotes.ts';
import { modelRoutes } from './routes.ts';
import { weightsPath } from './weights.ts';

const log = createLog({ logLevel: 'silent' });
let database: Database;
let config: RegistrySettings;

beforeAll(async () => {
  database = await openDatabase({ databaseUrl: null, dataDir: await temporaryDirectory() }, log);
}, 60_000);
afterAll(() => database.close());
beforeEach(async () => {
  await database.kysely.deleteFrom('deployments').execute();
  const dataDir = await temporaryDirectory();
  config = {
    dataDir,
    modelsFile: join(dataDir, 'none.yaml'),
    standIn: true,
    engineDevice: 'auto',
    engineThreads: null,
    engineContextTokens: null,
  };
});

/** A file of the right name and size, which takes no room on the disk; arrives by a rename as a real one does. */
async function placeWeights(modelId: string): Promise<string> {
  const weights = catalogueEntry(modelId)?.weights;
  if (weights === undefined) throw new Error(`no ${modelId} in the catalogue`);
  const path = weightsPath(config.dataDir, weights);
  await mkdir(dirname(path), { recursive: true });
  const file = await open(`${path}.part`, 'w');
  await file.truncate(weights.sizeBytes);
  await file.close();
  await rename(`${path}.part`, path);
  return path;
}

const openRegistry = () => LiveModelRegistry.open({ config, database, log });

const remote = {
  modelId: 'llama3.1-8B',
  upstreamModel: 'upstream-name',
  kind: 'vllm' as const,
  baseUrl: 'http://gpu:8000/v1',
  apiKeyEnv: null,
  contextTokens: 4096,
  imageInput: false,
};

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

test('the starter answers for a model that is not there, and says so', async () => {
  await placeWeights('smollm2-135m');
  const registry = await openRegistry();
  expect(registry.resolve('llama3.1-8B')).toMatchObject({
    requested: 'llama3.1-8B',
    modelId: 'smollm2-135m',
    standIn: true,
    deployments: [{ id: 'embedded/smollm2-135m' }],
  });
  expect(registry.resolve('smollm2-135m').standIn).toBe(false);
});

test('a connected remote answers in place of the stand-in', async () => {
  await placeWeights('smollm2-135m');
  await addRemote(database.kysely, remote);
  expect((await openRegistry()).resolve('llama3.1-8B')).toMatchObject({
    modelId: 'llama3.1-8B',
    standIn: false,
    deployments: [{ upstreamModel: 'upstream-name' }],
  });
});

test('an unknown model and one that nothing serves are told apart, both 404', async () => {
  const registry = await openRegistry();
  const unknown = thrownBy(() => registry.resolve('nope'));
  expect(unknown).toBeInstanceOf(ApiError);
  expect(unknown).toMatchObject({ code: 'model_not_found', status: 404, param: 'model' });
  expect(String(unknown)).toMatch(/`nope` does not exist.*\/v1\/models/);
  const unserved = thrownBy(() => registry.resolve('llama3.1-8B'));
  expect(unserved).toMatchObject({ code: 'model_not_found' });
  expect(String(unserved)).toContain('./weai pull llama3.1-8B');
});

test('a very long name is not echoed whole', async () => {
  const registry = await openRegistry();
  expect(String(thrownBy(() => registry.resolve('x'.repeat(1_000_000)))).length).toBeLessThan(400);
});

test('a weai.yaml with a mistake stops the start', async () => {
  await writeFile(config.modelsFile, 'models:\n  a: {}');
  await expect(openRegistry()).rejects.toThrow('none.yaml:2: models.a: needs');
});

describe('a running server', () => {
  async function nextChange(registry: LiveModelRegistry, action: () => Promise<unknown>): Promise<number> {
    const changed = new Promise<void>((resolve) => registry.onChange(resolve));
    await action();
    const sinceMs = performance.now();
    await changed;
    return performance.now() - sinceMs;
  }

  test('takes up remotes and weights within a second, and loses them again', async () => {
    const registry = await openRegistry();
    const changes = new Changes(database, log);
    registry.follow(changes);
    await changes.start();
    try {
      expect(await nextChange(registry, () => addRemote(database.kysely, remote))).toBeLessThan(1000);
      expect(registry.resolve('llama3.1-8B').deployments).toHaveLength(1);
      expect(await nextChange(registry, () => removeRemotes(database.kysely, 'llama3.1-8B'))).toBeLessThan(
        1000,
      );
      let path = '';
      const arrival = async () => {
        path = await placeWeights('smollm2-135m');
      };
      expect(await nextChange(registry, arrival)).toBeLessThan(1000);
      expect(registry.localEngines()).toMatchObject([
        { deploymentId: 'embedded/smollm2-135m', weightsPath: path },
      ]);
      expect(await nextChange(registry, () => rm(path))).toBeLessThan(1000);
      expect(registry.localEngines()).toEqual([]);
    } finally {
      registry.stop();
      await changes.stop();
    }
  });

  test('keeps what it knows while the database is away', async () => {
    await addRemote(database.kysely, remote);
    let away = false;
    const kysely = new Proxy(database.kysely, {
      get: (target, property) => {
        if (away) throw new Error('the database is away');
        const value: unknown = Reflect.get(target, property);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const registry = await LiveModelRegistry.open({ config, database: { kysely }, log });
    away = true;
    await registry.refresh();
    expect(registry.resolve('llama3.1-8B').deployments).toHaveLength(1);
  });
});

describe('over HTTP', () => {
  async function get(url: string, allowed?: string) {
    const app = Fastify();
    app.setErrorHandler((error, _request, reply) =>
      error instanceof ApiError ? reply.code(error.status).send(error.body()) : reply.send(error),
    );
    app.decorateRequest('identity', null);
    app.addHook('onRequest', (request, _reply, done) => {
      request.identity = { keyId: 'k', projectId: 'p', organizationId: 'o' };
      done();
    });
    modelRoutes(app, {
      models: await openRegistry(),
      ...(allowed && {
        mayUse: (_: unknown, names: readonly string[]) => names.some((name) => name === allowed),
      }),
    });
    return app.inject(url);
  }

  test('a model that its limits keep from somebody is not there for them', async () => {
    await addRemote(database.kysely, { ...remote, modelId: 'mine' });
    await addRemote(database.kysely, { ...remote, modelId: 'theirs' });
    const listed = (await get('/v1/models', 'mine')).json<{ data: { id: string }[] }>();
    expect(listed.data.map(({ id }) => id)).toEqual(['mine']);
    expect((await get('/v1/models/mine', 'mine')).statusCode).toBe(200);
    const hidden = await get('/v1/models/theirs', 'mine');
    const unknown = await get('/v1/models/thorns', 'mine');
    expect([hidden.statusCode, hidden.json().error]).toEqual([
      404,
      { ...unknown.json().error, message: unknown.json().error.message.replace('thorns', 'theirs') },
    ]);
  });

  test('the list has complete objects', async () => {
    const { object, data } = (await get('/v1/models')).json<{ object: string; data: object[] }>();
    expect(object).toBe('list');
    const complete = {
      object: 'model',
      created: expect.any(Number),
      owned_by: expect.any(String),
      weai: expect.any(Object),
    };
    expect(data).toEqual(
      ['llama3.1-8B', 'llama3.1-70B', 'smollm2-135m'].map((id) =>
        expect.objectContaining({ id, ...complete }),
      ),
    );
  });

  test.each(['org/model:tag', 'org%2Fmodel%3Atag'])(
    'a model may have slashes and colons in its name: %s',
    async (path) => {
      await addRemote(database.kysely, { ...remote, modelId: 'org/model:tag' });
      const response = await get(`/v1/models/${path}`);
      expect(response.json()).toMatchObject({ id: 'org/model:tag', object: 'model' });
    },
  );

  test.each(['nope', '', 'llama3.1-8b', '__proto__', '..%2f..%2fetc'])(
    '“%s” is 404 in the shape of the API',
    async (id) => {
      const response = await get(`/v1/models/${id}`);
      expect(response.statusCode).toBe(404);
      expect(response.json()).toMatchObject({
        error: { type: 'invalid_request_error', code: 'model_not_found', param: 'model' },
      });
    },
  );
});
