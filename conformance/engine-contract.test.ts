import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { OpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { ask, client, extended, model as embeddedModel } from './platform/clients.ts';
import { expectCommonAnswer, repeatedAnswers } from './platform/repeated.ts';
import { freePort } from './platform/server-process.ts';
import { checkoutDirectory, starterFileName } from './platform/weights.ts';

/** What every kind of engine must do, whichever process it is. The model is the only thing that differs. */
const contract: [name: string, check: (model: string) => Promise<void>][] = [
  ['answers with text, usage and the name of what answered', plain],
  ['streams the same text in the same order', streamed],
  ['holds a schema', schema],
  ['calls a forced tool', tool],
  ['cuts at max_completion_tokens and says length', cut],
  ['stops at a stop sequence', stopped],
  ['repeats itself with a seed', seeded],
  ['gives logprobs with bytes', logprobs],
  ['gives n choices', choices],
  ['refuses a prompt that does not fit', overlong],
  ['goes on after a client has left', abandoned],
];

const question = { messages: ask('Tell me a story about a dog.'), max_completion_tokens: 10, temperature: 0 };

async function create(request: OpenAI.ChatCompletionCreateParamsNonStreaming) {
  const completion = await client.chat.completions.create(request);
  const [choice] = completion.choices;
  if (!choice) throw new Error('no choice');
  return { completion, choice, text: choice.message.content ?? '' };
}

async function plain(model: string): Promise<void> {
  const { completion, text } = await create({ ...question, model });
  expect(completion.model).toBe(model);
  expect(text).toMatch(/\S/);
  expect(completion.usage?.prompt_tokens).toBeGreaterThan(5);
}

async function streamed(model: string): Promise<void> {
  await expectCommonAnswer(
    async () => (await create({ ...question, model })).text,
    async () => {
      const stream = await client.chat.completions.create({ ...question, model, stream: true });
      const chunks: OpenAI.ChatCompletionChunk[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
      expect(chunks.at(-1)?.choices[0]).toMatchObject({
        delta: {},
        finish_reason: expect.stringMatching(/stop|length/),
      });
      return chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    },
  );
}

const colour = {
  type: 'object',
  properties: { colour: { type: 'string', enum: ['red', 'green'] } },
  required: ['colour'],
  additionalProperties: false,
};

function expectColour(json: string): void {
  const value: { colour: string } = JSON.parse(json);
  expect(['red', 'green']).toContain(value.colour);
}

async function schema(model: string): Promise<void> {
  const { text } = await create({
    ...question,
    model,
    max_completion_tokens: 40,
    response_format: { type: 'json_schema', json_schema: { name: 'paint', strict: true, schema: colour } },
  });
  expectColour(text);
}

async function tool(model: string): Promise<void> {
  const { choice } = await create({
    ...question,
    model,
    max_completion_tokens: 60,
    tools: [{ type: 'function', function: { name: 'paint', parameters: colour, strict: true } }],
    tool_choice: { type: 'function', function: { name: 'paint' } },
  });
  const [call] = choice.message.tool_calls ?? [];
  if (call?.type !== 'function') throw new Error(`no call: ${JSON.stringify(choice)}`);
  expect(call.function.name).toBe('paint');
  expectColour(call.function.arguments);
}

async function cut(model: string): Promise<void> {
  const { completion, choice } = await create(
    extended({ ...question, model, max_completion_tokens: 7 }, { ignore_eos: true }),
  );
  expect([choice.finish_reason, completion.usage?.completion_tokens]).toEqual(['length', 7]);
}

async function stopped(model: string): Promise<void> {
  // Not compared with another answer: the same greedy answer may differ when its prefix was computed in batches of other sizes.
  const { choice, completion } = await create({ ...question, model, stop: [' ', '\n'] });
  expect(choice.finish_reason).toBe('stop');
  expect(choice.message.content).toMatch(/^\S*$/);
  expect(completion.usage?.completion_tokens).toBeLessThan(10);
}

async function seeded(model: string): Promise<void> {
  const once = async (): Promise<string> =>
    (await create({ ...question, model, temperature: 1, seed: 11 })).text;
  expect(await repeatedAnswers(once)).not.toEqual([]);
}

async function logprobs(model: string): Promise<void> {
  const { choice, text } = await create({ ...question, model, logprobs: true, top_logprobs: 2 });
  const tokens = choice.logprobs?.content ?? [];
  expect(Buffer.from(tokens.flatMap((token) => token.bytes ?? [])).toString()).toBe(text);
  expect(tokens.every((token) => token.top_logprobs.length === 2)).toBe(true);
}

async function choices(model: string): Promise<void> {
  const { completion } = await create({ ...question, model, n: 2 });
  expect(completion.choices.map((choice) => choice.index)).toEqual([0, 1]);
}

async function overlong(model: string): Promise<void> {
  const refused = create({ ...question, model, messages: ask('word '.repeat(150_000)) });
  await expect(refused).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' });
}

async function abandoned(model: string): Promise<void> {
  const request = extended(
    { ...question, model, max_completion_tokens: 2000, stream: true as const },
    { ignore_eos: true },
  );
  for await (const chunk of await client.chat.completions.create(request)) {
    if (chunk.choices[0]?.delta.content) break;
  }
  const started = performance.now();
  await create({ ...question, model, max_completion_tokens: 2 });
  expect(performance.now() - started).toBeLessThan(5000);
}

describe('embedded', () => {
  test.each(contract)('%s', (_name, check) => check(embeddedModel));
});

const { dataDirectory } = inject('server');

describe.skipIf(dataDirectory === null)('remote', () => {
  const remoteModel = 'elsewhere/smollm2:remote';
  let engine: ChildProcess | undefined;

  // `weai engine` alone, as on another machine, connected while the server runs.
  beforeAll(async () => {
    const weai = path.join(checkoutDirectory, 'weai');
    const weights = path.join(dataDirectory ?? '', 'weights', starterFileName);
    expect(existsSync(weights), weights).toBe(true);
    const port = await freePort();
    engine = spawn(weai, ['engine', '--model', weights, '--port', String(port)], { stdio: 'ignore' });
    const url = `http://127.0.0.1:${port}`;
    for (let ready = false; !ready; await sleep(100)) {
      if (engine.exitCode !== null) throw new Error(`weai engine exited with ${engine.exitCode}`);
      ready = await fetch(`${url}/health`).then(
        (response) => response.ok,
        () => false,
      );
    }
    const connect = ['models', 'connect', remoteModel, '--url', `${url}/v1`];
    await promisify(execFile)(weai, connect, { env: { ...process.env, WEAI_DATA_DIR: dataDirectory ?? '' } });
    // A running server hears of it by itself, within a second.
    await sleep(1000);
  });

  afterAll(async () => {
    if (!engine || engine.exitCode !== null) return;
    const ended = once(engine, 'exit');
    engine.kill('SIGTERM');
    await ended;
    expect(engine.exitCode, 'exit status of weai engine').toBe(0);
  });

  test.each(contract)('%s', (_name, check) => check(remoteModel));
});
