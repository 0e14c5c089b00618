import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FileServer, serveBytes, someBytes, startFileServer } from '../models/file-server.fixture.ts';
import { modelDetailsSchema, pullSchema } from '../models/model-details.ts';
import { testModels, tinyEntry } from './models.testing.ts';
import { testAdministration, type TestAdministration } from './testing.ts';

const { content, sha256 } = someBytes(200_000);
let files: FileServer;
let server: TestAdministration;
let opened: Awaited<ReturnType<Awaited<ReturnType<typeof testModels>>['open']>>;
let release: () => void = () => undefined;

beforeAll(async () => {
  files = await startFileServer((request, response) => {
    if (request.headers.range !== undefined) return serveBytes(request, response, content);
    response.writeHead(200, { etag: '"v1"', 'content-length': content.length });
    response.write(content.subarray(0, 1000));
    release = () => response.end(content.subarray(1000));
  });
  server = await testAdministration(async (database) => {
    const tiny = tinyEntry(files.url, { sizeBytes: content.length, sha256 });
    opened = await (await testModels(database, [tiny])).open();
    return opened;
  });
});
afterAll(async () => {
  await opened.pulls.stop();
  await server.close();
  await files.close();
});

/** The objects of a stream of events, until it ends; whether it ended as it should. */
async function watch(): Promise<{ states: { state: string; bytes: number }[]; done: boolean }> {
  const headers = { authorization: server.authorization };
  const response = await fetch(`${server.url}/models/tiny/pull?stream=true`, { headers });
  expect(response.headers.get('content-type')).toMatch('text/event-stream');
  const events = (await response.text()).split('\n\n').filter((event) => event.startsWith('data: '));
  const done = events.at(-1) === 'data: [DONE]';
  const states = events
    .slice(0, done ? -1 : undefined)
    .map((event) => pullSchema.parse(JSON.parse(event.slice(6))));
  return { states, done };
}

const acts = async () =>
  (await server.send('GET', '/audit_logs?limit=100')).body.data.map(({ type }: { type: string }) => type);

describe('a model that is not there', () => {
  test('is described with what is known, and null for the rest', async () => {
    const { status, body } = await server.send('GET', '/models');
    expect([status, body.object, body.data.length]).toEqual([200, 'list', 1]);
    const [tiny] = body.data;
    expect(modelDetailsSchema.strict().parse(tiny)).toEqual(tiny);
    expect(tiny).toMatchObject({
      id: 'tiny',
      status: 'not_installed',
      in_catalogue: true,
      licence: { name: 'Free', url: 'http://licence' },
      parameters: 7,
      context_tokens: 512,
      capabilities: { text: true, image_input: false, tools: true, structured_output: true, logprobs: true },
      price: {
        input_usd_per_million: '0.15',
        cached_input_usd_per_million: '0.075',
        output_usd_per_million: '0.60',
      },
      weights: { size_bytes: content.length, bytes_on_disk: 0, state: 'absent', sources: [files.url] },
      memory: { weights_bytes: content.length, fits: true },
      stand_in: null,
      hint: expect.stringContaining('`./weai pull tiny`'),
      deployments: [],
      pull: { state: 'idle' },
    });
    expect((await server.send('GET', '/models/tiny')).body).toEqual(tiny);
  });
});

describe('a download', () => {
  test('is started, watched by many, cancelled, gone on with, and served without a restart', async () => {
    const started = await server.send('POST', '/models/tiny/pull');
    expect([started.status, started.body.state]).toEqual([202, 'running']);
    expect((await server.send('POST', '/models/tiny/pull', {})).status).toBe(202);
    await expect.poll(async () => (await server.send('GET', '/models/tiny/pull')).body.bytes).toBe(1000);
    const watchers = [watch(), watch(), watch()];
    await expect.poll(() => files.seen.length).toBe(1);
    const cancelled = await server.send('POST', '/models/tiny/pull/cancel');
    expect(cancelled).toMatchObject({ status: 200, body: { state: 'cancelled', bytes: 1000 } });
    for (const { states, done } of await Promise.all(watchers)) {
      expect([states.at(-1)?.state, done]).toEqual(['cancelled', true]);
    }
    expect(opened.registry.localEngines()).toEqual([]);

    await server.send('POST', '/models/tiny/pull');
    const { states } = await watch();
    expect(states.at(-1)).toMatchObject({ state: 'done', bytes: content.length, verified: true });
    expect(files.seen.at(-1)?.headers.range).toBe('bytes=1000-');
    const { body } = await server.send('GET', '/models/tiny');
    expect(body).toMatchObject({
      weights: { state: 'present', bytes_on_disk: content.length },
      deployments: [{ id: 'embedded/tiny', origin: 'weights', url: null, state: 'stopped' }],
    });
    expect(opened.registry.localEngines()).toMatchObject([{ deploymentId: 'embedded/tiny' }]);
    const again = await server.send('POST', '/models/tiny/pull/cancel');
    expect([again.status, again.body.error.param]).toEqual([409, 'model_id']);
    release();
  });

  test('leaves its acts in the audit log, joined requests not among them', async () => {
    const about = (await acts()).filter((type: string) => type.startsWith('model.'));
    expect(about).toEqual(['model.pull_started', 'model.pull_cancelled', 'model.pull_started']);
  });
});

describe('bad input', () => {
  test.each([
    ['GET', '/models/unknown', undefined, 404, 'model'],
    ['GET', '/models/un%2Fknown', undefined, 404, 'model'],
    ['GET', '/models/%00', undefined, 404, 'model_id'],
    ['GET', '/models/..%2F..%2Fetc/pull', undefined, 404, 'model_id'],
    ['POST', '/models/unknown/pull', undefined, 404, 'model_id'],
    ['POST', '/models/tiny/pull', { from: '/etc/passwd' }, 400, 'from'],
    ['POST', '/models/tiny/pull', [], 400, null],
    ['GET', '/models/tiny/pull?stream=yes', undefined, 400, 'stream'],
    ['GET', '/models?limit=1', undefined, 400, 'limit'],
    ['POST', '/models/unknown/pull/cancel', undefined, 404, 'model_id'],
  ] as const)('%s %s %j is %i, and %s is named', async (method, path, body, status, param) => {
    const answer = await server.send(method, path, body);
    expect([answer.status, answer.body.error.param]).toEqual([status, param]);
  });

  test.each([
    ['no such key', 'sk-weai-admin-wrong', 401],
    ["a project's key", 'project-key', 403],
  ])('%s may do nothing', async (_what, key, status) => {
    for (const [method, path] of [
      ['GET', '/models'],
      ['GET', '/models/tiny'],
      ['GET', '/models/tiny/pull'],
      ['POST', '/models/tiny/pull'],
      ['POST', '/models/tiny/pull/cancel'],
      ['GET', '/deployments'],
      ['POST', '/deployments'],
      ['POST', '/deployments/test'],
      ['DELETE', '/deployments/remote/tiny/1'],
    ] as const) {
      expect((await server.send(method, path, method === 'POST' ? {} : undefined, key)).status).toBe(status);
    }
  });
});
