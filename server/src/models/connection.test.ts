import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { ConnectionTestError, type ConnectionTestOptions, testConnection } from './connection.ts';
import { type FileServer, startFileServer } from './file-server.fixture.ts';

const servers: FileServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type Answers = Record<string, [status: number, json: unknown]>;
const completion = [
  200,
  { choices: [{ message: { role: 'assistant', content: 'Hi' } }] },
] satisfies Answers[string];

async function serve(answers: Answers, key?: string): Promise<FileServer> {
  const server = await startFileServer((request: IncomingMessage, response: ServerResponse) => {
    const refused = key !== undefined && request.headers.authorization !== `Bearer ${key}`;
    const [status, json] = refused ? [401, {}] : (answers[request.url ?? ''] ?? [404, 'no']);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  });
  servers.push(server);
  return server;
}

function options(server: FileServer, overrides: Partial<ConnectionTestOptions> = {}): ConnectionTestOptions {
  return {
    baseUrl: `${server.url}/v1`,
    modelId: 'llama3.1-8B',
    apiKey: null,
    timeoutMs: 2_000,
    ...overrides,
  };
}

const list = (...models: object[]): Answers => ({
  '/v1/models': [200, { object: 'list', data: models }],
  '/v1/chat/completions': completion,
});

test.each<[string, Answers, object]>([
  ['vllm', list({ id: 'm', owned_by: 'vllm', max_model_len: 4096 }), { contextTokens: 4096 }],
  ['sglang', list({ id: 'm', owned_by: 'sglang', max_model_len: 8192 }), { contextTokens: 8192 }],
  [
    'llama-server',
    list({ id: 'm', owned_by: 'llamacpp', meta: { n_ctx_train: 2048 } }),
    { contextTokens: 2048 },
  ],
  [
    'embedded',
    list({ id: 'm', owned_by: 'x', meta: { context_tokens: 512, tool_format: 'generic' } }),
    { contextTokens: 512 },
  ],
  ['ollama', list({ id: 'm', owned_by: 'library' }), { contextTokens: null }],
  ['ollama', { ...list({ id: 'm' }), '/api/version': [200, { version: '0.9' }] }, {}],
  ['vllm', { ...list({ id: 'm' }), '/version': [200, { version: '0.11' }] }, {}],
  ['llama-server', { ...list({ id: 'm' }), '/props': [200, { default_generation_settings: {} }] }, {}],
  ['sglang', { ...list({ id: 'm' }), '/get_model_info': [200, { model_path: 'm' }] }, {}],
  ['openai', list({ id: 'm', owned_by: 'acme' }), {}],
])('%s is recognized', async (kind, answers, more) => {
  expect(await testConnection(options(await serve(answers)))).toMatchObject({
    kind,
    upstreamModel: 'm',
    ...more,
  });
});

test('the model is asked for by the name given, else its own, else the only one', async () => {
  const two = await serve(list({ id: 'llama3.1-8B' }, { id: 'other' }));
  expect((await testConnection(options(two))).upstreamModel).toBe('llama3.1-8B');
  expect((await testConnection(options(two, { upstreamModel: 'other' }))).upstreamModel).toBe('other');
  const one = await serve(list({ id: 'only' }));
  expect((await testConnection(options(one))).upstreamModel).toBe('only');
});

test('max_completion_tokens is used where max_tokens is refused', async () => {
  const server = await startFileServer((request, response) => {
    let body = '';
    request.on('data', (bytes: Buffer) => (body += bytes.toString()));
    request.on('end', () => {
      const models = { data: [{ id: 'm', owned_by: 'vllm' }] };
      if (request.method === 'GET') response.end(JSON.stringify(models));
      else if (body.includes('"max_tokens"')) response.writeHead(400).end('{}');
      else response.end(JSON.stringify(completion[1]));
    });
  });
  servers.push(server);
  expect((await testConnection(options(server))).kind).toBe('vllm');
});

test.each<[string, Answers, Partial<ConnectionTestOptions>, string]>([
  ['several models and none of that name', list({ id: 'a' }, { id: 'b' }), {}, 'Name one that it has: a, b'],
  ['a wrong upstream model', list({ id: 'a' }), { upstreamModel: 'x' }, 'has no model x'],
  ['no models', list(), {}, 'lists no models'],
  ['another kind of server', { '/v1/models': [200, '<html>'] }, {}, 'is this the address'],
  ['a wrong path', {}, {}, 'answered 404'],
  [
    'a model that does not answer',
    { ...list({ id: 'a' }), '/v1/chat/completions': [500, { error: { message: 'out of memory' } }] },
    {},
    'answered with 500.',
  ],
])('%s is refused with a sentence', async (_name, answers, overrides, message) => {
  const error: unknown = await testConnection(options(await serve(answers), overrides)).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConnectionTestError);
  expect(String(error)).toContain(message);
});

test('keys are sent, and a missing or wrong one is told apart', async () => {
  const server = await serve(list({ id: 'm', owned_by: 'vllm' }), 'right');
  expect((await testConnection(options(server, { apiKey: 'right' }))).kind).toBe('vllm');
  await expect(testConnection(options(server))).rejects.toThrow('wants a key');
  await expect(testConnection(options(server, { apiKey: 'wrong' }))).rejects.toThrow('refuses the key');
});

test('nobody listening is a sentence too', async () => {
  const server = await serve({});
  await server.close();
  await expect(testConnection(options(server))).rejects.toThrow("can't be reached");
});
