import { OpenAI } from 'openai';
import { WeAI } from 'weai';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { ask, extended, makeClient, model } from './platform/clients.ts';
import { descendantsOf, enginesOf, stillRunning } from './platform/processes.ts';
import { script } from './platform/script.ts';
import {
  makeDataDirectory,
  removeDataDirectory,
  startServer,
  type RunningServer,
} from './platform/server.ts';
import { checkoutDirectory } from './platform/weights.ts';

const long = extended(
  { model, messages: ask('A long story:'), max_completion_tokens: 2000, stream: true as const },
  { ignore_eos: true },
);
const short = { model, messages: ask('Hi'), max_completion_tokens: 2 };

let directory = '';
let server: RunningServer;
let client: OpenAI;

async function start(): Promise<void> {
  server = await startServer(directory);
  client = makeClient(WeAI, { baseURL: server.baseUrl, apiKey: server.apiKey });
}

beforeAll(async () => {
  directory = makeDataDirectory();
  // A second deployment, to see that it does not notice what happens to the first.
  const remotes = [{ url: inject('scriptedUpstream') }];
  writeFileSync(path.join(directory, 'weai.yaml'), JSON.stringify({ models: { scripted: { remotes } } }));
  await script();
  await start();
});

afterAll(async () => {
  await server.stop();
  removeDataDirectory(directory);
});

/** Waits until the model answers again, which takes some seconds where other processes want the same cores. */
async function answersAgain(): Promise<void> {
  await expect
    .poll(() => client.chat.completions.create(short).then((answer) => answer.choices.length, String), {
      timeout: 30_000,
      interval: 100,
    })
    .toBe(1);
}

describe('kill -9 of the engine in mid-stream', () => {
  test('ends the stream in an error within a second; others do not notice; the engine comes back', async () => {
    const [engine] = enginesOf(server.pid);
    if (!engine) throw new Error(`no engine among ${JSON.stringify(descendantsOf(server.pid))}`);
    const response = await fetch(`${server.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(long),
    });
    let killedAt = 0;
    let text = '';
    const others: Promise<OpenAI.ChatCompletion>[] = [];
    for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += piece;
      if (killedAt === 0 && text.split('\n\n').length > 5) {
        process.kill(engine.pid, 'SIGKILL');
        killedAt = performance.now();
        for (let index = 0; index < 5; index += 1) {
          others.push(client.chat.completions.create({ ...short, model: 'scripted' }));
        }
      }
    }
    expect(performance.now() - killedAt, 'time to the end of the stream').toBeLessThan(1000);
    const events = text.split('\n\n').filter((event) => event.startsWith('data: '));
    expect(events).not.toContain('data: [DONE]');
    expect(JSON.parse(events.at(-1)?.slice(6) ?? '')).toMatchObject({
      error: {
        type: 'server_error',
        code: expect.stringMatching(/^engine_/),
        message: expect.any(String),
        param: null,
      },
    });
    expect(text).not.toMatch(/"finish_reason":"/);
    for (const answer of await Promise.all(others))
      expect(answer.choices[0]?.message.content).toBe('scripted words');
    await answersAgain();
    expect(stillRunning([engine])).toEqual([]);
  });

  test('gives a plain request 502 or 503, with the four fields', async () => {
    const [engine] = enginesOf(server.pid);
    const { stream: _stream, ...plain } = long;
    const waiting = client.chat.completions.create(plain).catch((error: unknown) => error);
    setTimeout(() => engine && process.kill(engine.pid, 'SIGKILL'), 300);
    const error = await waiting;
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({
      type: 'server_error',
      code: expect.stringMatching(/^engine_/),
      param: null,
    });
    await answersAgain();
  });
});

test('SIGSTOP of the engine, a hang, ends its streams in an error, and the engine is replaced', async () => {
  await answersAgain();
  const [engine] = enginesOf(server.pid);
  if (!engine) throw new Error('no engine');
  const stream = await client.chat.completions.create(long);
  let stoppedAt = 0;
  const read = async (): Promise<void> => {
    for await (const chunk of stream) {
      if (stoppedAt > 0 || !chunk.choices[0]?.delta.content) continue;
      process.kill(engine.pid, 'SIGSTOP');
      stoppedAt = performance.now();
    }
  };
  try {
    await expect(read()).rejects.toMatchObject({
      type: 'server_error',
      code: expect.stringMatching(/^engine_/),
    });
    expect(performance.now() - stoppedAt, 'time to the end of the stream').toBeLessThan(2000);
    await answersAgain();
    expect(stillRunning([engine])).toEqual([]);
  } finally {
    if (stillRunning([engine]).length > 0) process.kill(engine.pid, 'SIGCONT');
  }
});

test('revoking a key ends its stream and its waiting request within a second', async () => {
  await answersAgain();
  const weai = async (...args: string[]): Promise<string> => {
    const command = path.join(checkoutDirectory, 'weai');
    return (await promisify(execFile)(command, args, { env: server.environment })).stdout;
  };
  const made: unknown = JSON.parse(await weai('keys', 'create', '--name', 'leaked', '--json'));
  expect(made).toMatchObject({ id: expect.any(String), key: expect.any(String) });
  const { id, key } = made as { id: string; key: string };
  const leaked = makeClient(WeAI, { baseURL: server.baseUrl, apiKey: key });
  // The key reaches the server by a notification.
  await expect.poll(() => leaked.models.list().then(() => 'known', String), { timeout: 5000 }).toBe('known');

  const { stream: _stream, ...plain } = long;
  const waiting = leaked.chat.completions.create(plain).catch((error: unknown) => error);
  let chunks = 0;
  const read = async (): Promise<void> => {
    for await (const { choices } of await leaked.chat.completions.create(long)) chunks += choices.length;
  };
  const streaming = read().catch((error: unknown) => error);
  await expect.poll(() => chunks, { timeout: 20_000 }).toBeGreaterThan(1);
  await weai('keys', 'revoke', id);
  const revokedAtMs = performance.now();
  expect(await streaming).toMatchObject({
    code: 'invalid_api_key',
    message: expect.stringContaining('revoked'),
  });
  expect(await waiting).toBeInstanceOf(OpenAI.AuthenticationError);
  expect(await waiting).toMatchObject({ status: 401, code: 'invalid_api_key' });
  expect(performance.now() - revokedAtMs, 'time to the end of both').toBeLessThan(1000);
  expect((await client.chat.completions.create(short)).choices).toHaveLength(1);
});

describe('a server that ends', () => {
  test('by kill -9 leaves a directory that the next start just takes', async () => {
    const before = descendantsOf(server.pid);
    expect(before.some((entry) => entry.command.includes('postgres'))).toBe(true);
    await server.kill();
    await start();
    expect((await client.chat.completions.create(short)).choices).toHaveLength(1);
    // Those of the old server are gone or were adopted by the new one.
    const adopted = new Set(descendantsOf(server.pid).map((entry) => entry.pid));
    const orphans = stillRunning(
      before.filter((entry) => !adopted.has(entry.pid) && !/postgres/.test(entry.command)),
    );
    expect(orphans).toEqual([]);
  });

  test('by SIGTERM lets a running stream finish and takes no new one', async () => {
    const stream = await client.chat.completions.create({ ...long, max_completion_tokens: 60 });
    let finish: string | null = null;
    let stopping: Promise<void> | undefined;
    for await (const chunk of stream) {
      stopping ??= server.stop();
      finish = chunk.choices[0]?.finish_reason ?? finish;
    }
    expect(finish).toBe('length');
    await stopping;
    await expect(client.chat.completions.create(short)).rejects.toThrow(/Connection error|server_draining/);
    await start();
  });
});
