import { OpenAI } from 'openai';
import { afterAll, describe, expect, test } from 'vitest';
import { WeAI } from 'weai';
import { ask, clients, extended, makeClient, model } from '../platform/clients.ts';
import { script, scriptedModel } from '../platform/script.ts';
import { freePort } from '../platform/server-process.ts';
import { scriptedStream } from '../platform/scripted-upstream.ts';

const long = extended(
  { model, messages: ask('A long story:'), max_completion_tokens: 2000 },
  { ignore_eos: true },
);
const short = { model, messages: ask('Hi'), max_completion_tokens: 1 };

afterAll(() => script());

describe.each(clients)('%s', (_name, client) => {
  test('gives up after its timeout, and the server goes on', async () => {
    const late = client.chat.completions.create(long, { timeout: 150 });
    await expect(late).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
    expect((await client.chat.completions.create(short)).choices).toHaveLength(1);
  });

  test('gives up when its signal is aborted, before the first byte', async () => {
    const controller = new AbortController();
    const aborted = client.chat.completions.create(long, { signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    await expect(aborted).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    expect((await client.chat.completions.create(short)).choices).toHaveLength(1);
  });
});

test('an aborted request leaves the engine: twenty of them do not delay the next answer', async () => {
  const client = makeClient(WeAI);
  const aborts = Array.from({ length: 20 }, async (_, index) => {
    const late = client.chat.completions.create(long, { timeout: 50 + index * 5 });
    await expect(late).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
  });
  await Promise.all(aborts);
  const started = performance.now();
  await client.chat.completions.create(short);
  expect(performance.now() - started).toBeLessThan(5000);
});

test('a server that is not there is an APIConnectionError after the retries', async () => {
  let attempts = 0;
  const nobody = makeClient(WeAI, {
    baseURL: `http://127.0.0.1:${await freePort()}/v1`,
    maxRetries: 1,
    fetch: (input, init) => {
      attempts += 1;
      return fetch(input, init);
    },
  });
  await expect(nobody.models.list()).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
  expect(attempts).toBe(2);
});

test('a slow first byte is waited for', async () => {
  await script({ ...scriptedStream, delayMs: 1500 });
  const completion = await makeClient(WeAI).chat.completions.create({ ...short, model: scriptedModel });
  expect(completion.choices[0]?.message.content).toBe('scripted words');
});

test('withResponse, asResponse and _request_id tell the id of the request', async () => {
  const client = makeClient(OpenAI);
  const { response, request_id } = await client.chat.completions.create(short).withResponse();
  expect(request_id).toBe(response.headers.get('x-request-id'));
  const completion = await client.chat.completions.create(short);
  expect(completion._request_id).toMatch(/\w{8,}/);
  const raw = await client.chat.completions.create(short).asResponse();
  expect(raw.headers.get('x-request-id')).not.toBe(request_id);
  await raw.text();
});

test('a stream can be split and read twice', async () => {
  await script(scriptedStream);
  const stream = await makeClient(WeAI).chat.completions.create({
    ...short,
    model: scriptedModel,
    stream: true,
  });
  const texts = await Promise.all(
    stream.tee().map(async (half) => {
      let text = '';
      for await (const chunk of half) text += chunk.choices[0]?.delta.content ?? '';
      return text;
    }),
  );
  expect(texts).toEqual(['scripted words', 'scripted words']);
});
