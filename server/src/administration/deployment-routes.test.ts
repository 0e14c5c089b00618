import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type FileServer, startFileServer } from '../models/file-server.fixture.ts';
import { deploymentDetailsSchema } from '../models/model-details.ts';
import { testModels, tinyEntry } from './models.testing.ts';
import { testAdministration, type TestAdministration } from './testing.ts';

let server: TestAdministration;
let engine: FileServer;
/** What the engine answers, by path; a test may change it. */
let answers: Record<string, [status: number, body: unknown]>;

const metrics = [
  '# HELP vllm:num_requests_running Number of requests',
  'vllm:num_requests_running{engine="0",model_name="m"} 3.0',
  'vllm:num_requests_running{engine="1",model_name="m"} 1.0',
  'vllm:num_requests_waiting{engine="0",model_name="m"} 2.0',
  'vllm:num_requests_waiting_by_reason{engine="0"} 9.0',
].join('\n');

beforeAll(async () => {
  vi.stubEnv('TEST_ENGINE_API_KEY', 'engine-secret');
  engine = await startFileServer((request: IncomingMessage, response: ServerResponse) => {
    const [status, body] = answers[request.url ?? ''] ?? [404, 'no'];
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  answers = {
    '/v1/models': [200, { data: [{ id: 'upstream', owned_by: 'vllm', max_model_len: 4096 }] }],
    '/v1/chat/completions': [200, { choices: [{ message: { content: 'Hi' } }] }],
    '/metrics': [200, metrics],
  };
  server = await testAdministration(async (database) => {
    const tiny = tinyEntry('http://127.0.0.1:9', { sizeBytes: 5, sha256: '0' });
    const { config, open } = await testModels(database, [tiny]);
    const remotes = [{ url: engine.url, upstream_model: 'upstream', api_key_env: 'NOT_SET_API_KEY' }];
    await writeFile(config.modelsFile, JSON.stringify({ models: { written: { remotes } } }));
    return open();
  });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await engine.close();
});

const wanted = () => ({ model: 'tiny', url: engine.url });

describe('an engine elsewhere', () => {
  test('is tried without being stored', async () => {
    const { status, body } = await server.send('POST', '/deployments/test', wanted());
    expect(status).toBe(200);
    expect(body).toEqual({
      object: 'organization.deployment.test',
      model: 'tiny',
      url: `${engine.url}/v1`,
      kind: 'vllm',
      upstream_model: 'upstream',
      context_tokens: 4096,
      duration_ms: expect.any(Number),
    });
    expect((await server.send('GET', '/models/tiny')).body.deployments).toEqual([]);
  });

  test('is connected, shown with its load, and disconnected', async () => {
    const body = { ...wanted(), api_key_env: 'TEST_ENGINE_API_KEY', image_input: true };
    const made = await server.send('POST', '/deployments', body);
    expect(made.status).toBe(200);
    expect(deploymentDetailsSchema.strict().parse(made.body)).toEqual(made.body);
    expect(made.body).toMatchObject({
      id: 'remote/tiny/1',
      model: 'tiny',
      upstream_model: 'upstream',
      kind: 'vllm',
      origin: 'connected',
      url: `${engine.url}/v1`,
      api_key_env: 'TEST_ENGINE_API_KEY',
      state: 'ready',
      reason: null,
      restarts: null,
      context_tokens: 4096,
      capabilities: { image_input: true },
      machine_usd_per_hour: '2.00',
      load: { in_flight: 0, running: 4, queued: 2, tokens_per_second: 0, queue_ms: null },
    });
    expect(engine.seen.at(-1)?.headers.authorization).toBe('Bearer engine-secret');
    expect(JSON.stringify(made.body)).not.toContain('engine-secret');
    const { body: model } = await server.send('GET', '/models/tiny');
    expect(model).toMatchObject({
      status: 'ready',
      capabilities: { image_input: true },
      context_tokens: 4096,
    });

    for (const path of ['/deployments/remote/tiny/1', '/deployments/remote%2Ftiny%2F1']) {
      expect((await server.send('GET', path)).body.id).toBe('remote/tiny/1');
    }
    const gone = await server.send('DELETE', '/deployments/remote%2Ftiny%2F1');
    expect(gone).toEqual({
      status: 200,
      body: { id: 'remote/tiny/1', object: 'organization.deployment.deleted', deleted: true },
    });
    expect((await server.send('DELETE', '/deployments/remote/tiny/1')).status).toBe(404);
    const { body: log } = await server.send('GET', '/audit_logs');
    expect(log.data.slice(0, 2)).toMatchObject([
      { type: 'deployment.deleted', actor: { type: 'api_key' } },
      { type: 'deployment.created', weai: { after: { apiKeyEnv: 'TEST_ENGINE_API_KEY' } } },
    ]);
  });

  test('that is declared is listed with why it can not be used, and is not deleted here', async () => {
    const { body } = await server.send('GET', '/deployments');
    expect(body.data).toMatchObject([
      {
        id: 'remote/written/declared-1',
        origin: 'declared',
        state: 'failed',
        reason: expect.stringContaining('NOT_SET_API_KEY'),
      },
    ]);
    const refused = await server.send('DELETE', '/deployments/remote/written/declared-1');
    expect([refused.status, refused.body.error.code]).toEqual([409, 'conflict']);
    expect(refused.body.error.message).toContain('weai.yaml');
  });

  test('that has gone is shown as failed with the reason', async () => {
    const going = await startFileServer((_request, response) =>
      response.end(JSON.stringify({ data: [{ id: 'm', owned_by: 'x' }], choices: [{ message: {} }] })),
    );
    const made = await server.send('POST', '/deployments', { model: 'tiny', url: going.url });
    await going.close();
    await expect
      .poll(async () => (await server.send('GET', `/deployments/${made.body.id}`)).body, { timeout: 5000 })
      .toMatchObject({
        state: 'failed',
        reason: expect.stringContaining('ECONNREFUSED'),
        load: { running: null },
      });
    expect((await server.send('GET', '/models/tiny')).body.status).toBe('unavailable');
    await server.send('DELETE', `/deployments/${made.body.id}`);
  });
});

describe('what the engine says', () => {
  test('is never echoed', async () => {
    const usual = answers;
    const secret = 'internal-page-secret';
    for (const changed of [
      { '/v1/models': [200, `<html>${secret}</html>`] },
      { '/v1/models': [500, { error: { message: secret } }] },
      { '/v1/models': [302, secret] },
      { '/v1/models': [200, { data: [{ id: `<script>${secret}` }, { id: 'other' }] }] },
      { '/v1/chat/completions': [500, { error: { message: secret } }] },
      { '/v1/chat/completions': [401, { error: { message: secret } }] },
    ] satisfies (typeof answers)[]) {
      answers = { ...usual, ...changed };
      const { status, body } = await server.send('POST', '/deployments/test', wanted());
      expect(status).toBe(400);
      expect(JSON.stringify(body)).not.toContain(secret);
    }
    answers = usual;
  });

  test('is read up to a bound', async () => {
    const endless = await startFileServer((_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(1_000_000)), 1);
      response.on('close', () => clearInterval(timer));
    });
    const { status, body } = await server.send('POST', '/deployments/test', {
      model: 'tiny',
      url: endless.url,
    });
    expect([status, body.error.param]).toEqual([400, 'url']);
    expect(body.error.message).toContain('more than');
    await endless.close();
  });
});

describe('bad input', () => {
  test.each([
    [{}, 'model'],
    [{ model: 'tiny' }, 'url'],
    [{ model: 'a b', url: 'http://h' }, 'model'],
    [{ model: '../x', url: 'http://h' }, 'model'],
    [{ model: 'tiny', url: 'ftp://h' }, 'url'],
    [{ model: 'tiny', url: 'file:///etc/passwd' }, 'url'],
    [{ model: 'tiny', url: 'http://user:pass@h/v1' }, 'url'],
    [{ model: 'tiny', url: 'http://h/v1?key=1' }, 'url'],
    [{ model: 'tiny', url: 'http://127.0.0.1:9' }, 'url'],
    [{ model: 'tiny', url: 'http://h', kind: 'magic' }, 'kind'],
    [{ model: 'tiny', url: 'http://h', api_key: 'sk-1' }, 'api_key'],
    [{ model: 'tiny', url: 'http://h', api_key_env: 'sk-1' }, 'api_key_env'],
    [{ model: 'tiny', url: 'http://h', api_key_env: 'DATABASE_URL' }, 'api_key_env'],
    [{ model: 'tiny', url: 'http://h', api_key_env: 'WEAI_BOOTSTRAP_API_KEY' }, 'api_key_env'],
    [{ model: 'tiny', url: 'http://h', api_key_env: 'UNSET_API_KEY' }, 'api_key_env'],
    [{ model: 'tiny', url: 'http://h', image_input: 'yes' }, 'image_input'],
  ])('%j is refused, and %s is named', async (body, param) => {
    for (const path of ['/deployments', '/deployments/test']) {
      const answer = await server.send('POST', path, body);
      expect([answer.status, answer.body.error.param]).toEqual([400, param]);
    }
  });

  test.each([
    ['GET', '/deployments/unknown'],
    ['GET', '/deployments/%00'],
    ['DELETE', '/deployments/remote/tiny/99'],
  ] as const)('%s %s is 404', async (method, path) => {
    const { status, body } = await server.send(method, path);
    expect([status, body.error.param]).toEqual([404, 'deployment_id']);
  });
});
