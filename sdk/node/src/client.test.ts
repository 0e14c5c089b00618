import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { OpenAIError } from 'openai';
import { DEFAULT_BASE_URL, WeAI, WeAIError, type WeAIOptions } from './client.ts';

const completion = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'llama3.1-8B',
  choices: [],
};

/** A transport that records what would have gone over the wire. */
function recorder() {
  const sent: { url: string; headers: Headers }[] = [];
  const fetch: NonNullable<WeAIOptions['fetch']> = (input, init) => {
    const request = new Request(input, { ...init, body: null, method: 'GET' });
    sent.push({ url: request.url, headers: request.headers });
    return Promise.resolve(Response.json(completion));
  };
  return { sent, fetch };
}

async function sendOne(client: WeAI): Promise<void> {
  await client.chat.completions.create({ model: 'llama3.1-8B', messages: [{ role: 'user', content: 'Hi' }] });
}

const leaked = 'openai-environment-value';
const openAiVariables: Record<string, string> = {
  OPENAI_API_KEY: leaked,
  OPENAI_ADMIN_KEY: leaked,
  OPENAI_BASE_URL: `https://${leaked}.example/v1`,
  OPENAI_ORG_ID: leaked,
  OPENAI_PROJECT_ID: leaked,
  OPENAI_WEBHOOK_SECRET: leaked,
  OPENAI_CUSTOM_HEADERS: `x-${leaked}: ${leaked}\nauthorization: Bearer ${leaked}`,
  OPENAI_LOG: 'debug',
  OPENAI_API_VERSION: leaked,
};

beforeEach(() => {
  for (const name of ['WEAI_API_KEY', 'WEAI_BASE_URL', ...Object.keys(openAiVariables)]) {
    vi.stubEnv(name, undefined);
  }
});

afterEach(() => vi.unstubAllEnvs());

describe('where requests go', () => {
  test.each<[name: string, environment: string | undefined, option: string | undefined, url: string]>([
    ['the default', undefined, undefined, DEFAULT_BASE_URL],
    ['a blank variable', '  ', undefined, DEFAULT_BASE_URL],
    ['WEAI_BASE_URL', 'http://environment.example/v1', undefined, 'http://environment.example/v1'],
    [
      'the argument',
      'http://environment.example/v1',
      'http://argument.example/v1',
      'http://argument.example/v1',
    ],
  ])('%s', async (_name, environment, option, url) => {
    vi.stubEnv('WEAI_BASE_URL', environment);
    const { sent, fetch } = recorder();
    await sendOne(new WeAI({ apiKey: 'weai-key', fetch, ...(option ? { baseURL: option } : {}) }));
    expect(sent.map((request) => request.url)).toEqual([`${url}/chat/completions`]);
  });
});

describe('the key', () => {
  test('comes from WEAI_API_KEY', async () => {
    vi.stubEnv('WEAI_API_KEY', 'weai-environment-key');
    const { sent, fetch } = recorder();
    await sendOne(new WeAI({ fetch }));
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer weai-environment-key');
  });

  test('as an argument wins', async () => {
    vi.stubEnv('WEAI_API_KEY', 'weai-environment-key');
    const { sent, fetch } = recorder();
    await sendOne(new WeAI({ apiKey: 'weai-argument-key', fetch }));
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer weai-argument-key');
  });

  test.each([undefined, '', '  '])('missing (%j) is an error that names WEAI_API_KEY', (value) => {
    vi.stubEnv('WEAI_API_KEY', value);
    vi.stubEnv('OPENAI_API_KEY', leaked);
    expect(() => new WeAI()).toThrow(WeAIError);
    expect(() => new WeAI()).toThrow(/WEAI_API_KEY/);
    expect(new WeAIError('x')).toBeInstanceOf(OpenAIError);
  });
});

describe('OPENAI_* variables', () => {
  const clients: [name: string, make: (options: WeAIOptions) => WeAI][] = [
    ['a new client', (options) => new WeAI(options)],
    ['withOptions()', (options) => new WeAI(options).withOptions({ timeout: 1000 })],
  ];

  test.each(
    Object.entries(openAiVariables).flatMap(([name, value]) =>
      clients.map(([clientName, make]) => ({ name, value, clientName, make })),
    ),
  )('$name never reaches a request of $clientName', async ({ name, value, make }) => {
    vi.stubEnv(name, value);
    const { sent, fetch } = recorder();
    const client = make({ apiKey: 'weai-key', fetch, defaultHeaders: { 'x-own': 'kept' } });
    await sendOne(client);
    const [request] = sent;
    expect(request?.url).toBe(`${DEFAULT_BASE_URL}/chat/completions`);
    expect(request?.headers.get('authorization')).toBe('Bearer weai-key');
    expect(request?.headers.get('x-own')).toBe('kept');
    expect(JSON.stringify([...(request?.headers ?? [])])).not.toContain(leaked);
    expect({
      admin: client.adminAPIKey,
      organization: client.organization,
      project: client.project,
      webhook: client.webhookSecret,
      log: client.logLevel,
    }).toEqual({ admin: null, organization: null, project: null, webhook: null, log: 'warn' });
  });
});

test('withOptions() keeps the class and what was set explicitly', () => {
  const client = new WeAI({ apiKey: 'weai-key', organization: 'own', baseURL: 'http://one.example/v1' });
  const copy = client.withOptions({ maxRetries: 7 });
  expect(copy).toBeInstanceOf(WeAI);
  expect(copy).toMatchObject({ organization: 'own', maxRetries: 7, baseURL: 'http://one.example/v1' });
});
