import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '@weai/protocol/errors';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  bytes,
  chunk,
  events,
  type Script,
  ScriptedUpstream,
  status,
  usage,
} from '../engines/testing/scripted-upstream.ts';
import { logRequests } from '../http/request-log.ts';
import type { MeteredRequest, Metering, Outcome } from '../ledger/metering.ts';
import { hello, helloUsage, serve } from './scripted-chat.testing.ts';
import { chatServer, post } from './testing.ts';

function recordingMetering(): { metering: Metering; reserved: MeteredRequest[]; outcomes: Outcome[] } {
  const reserved: MeteredRequest[] = [];
  const outcomes: Outcome[] = [];
  const metering: Metering = {
    reserve: (request) => {
      reserved.push(request);
      return Promise.resolve({
        id: null,
        dispatched: () => undefined,
        progress: () => undefined,
        settle: (outcome) => Promise.resolve(void outcomes.push(outcome)),
      });
    },
  };
  return { metering, reserved, outcomes };
}

const helloCounts = {
  promptTokens: helloUsage.prompt_tokens,
  cachedTokens: helloUsage.prompt_tokens_details.cached_tokens,
  completionTokens: helloUsage.completion_tokens,
  reasoningTokens: 0,
};

describe('metering', () => {
  test.each<[string, Script, object, Partial<Outcome>]>([
    ['an answer', bytes(hello), {}, { status: 'completed', counts: helloCounts, error: null }],
    ['a stream', bytes(hello), { stream: true }, { status: 'completed', counts: helloCounts, error: null }],
    ['a refusal by the engine', status(400, {}), {}, { status: 'failed', timeToFirstTokenMs: null }],
    [
      'a stream that breaks',
      bytes(hello.slice(0, 300)),
      { stream: true },
      { status: 'failed', countsFrom: 'stream' },
    ],
  ])('settles %s once, before the last byte', async (_, script, fields, expected) => {
    const { metering, reserved, outcomes } = recordingMetering();
    const { url } = await serve([script], { metering });
    await (await post(url, fields)).text();
    expect(reserved).toMatchObject([{ modelId: 'test-model', promptBytes: 2, choices: 1 }]);
    expect(outcomes).toEqual([expect.objectContaining(expected)]);
  });

  test('counts the pieces of a stream that its client leaves', async () => {
    const { metering, outcomes } = recordingMetering();
    const { url } = await serve(
      [
        async (response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          for (let piece = 0; piece < 100 && !response.destroyed; piece += 1) {
            response.write(`data: ${JSON.stringify(chunk({ content: `word${piece}` }))}\n\n`);
            await sleep(5);
          }
        },
      ],
      { metering },
    );
    const client = new AbortController();
    const answer = await post(url, { stream: true }, client.signal);
    let seen = '';
    for await (const piece of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      seen += piece;
      if (seen.includes('word9"')) break;
    }
    client.abort();
    await expect.poll(() => outcomes).toMatchObject([{ status: 'cancelled', countsFrom: 'stream' }]);
    const generated = outcomes[0]?.counts.completionTokens ?? 0;
    expect(generated).toBeGreaterThanOrEqual(10);
    expect(generated).toBeLessThan(50);
  });

  test('counts all pieces of a JSON answer that its client leaves', async () => {
    const pieces = 13;
    const { metering, outcomes } = recordingMetering();
    const sent = Promise.withResolvers<void>();
    const { url } = await serve(
      [
        async (response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          for (let piece = 0; piece < pieces; piece += 1) {
            response.write(`data: ${JSON.stringify(chunk({ content: `word${piece}` }))}\n\n`);
            await sleep(1);
          }
          sent.resolve();
        },
      ],
      { metering },
    );
    const client = new AbortController();
    const answer = post(url, {}, client.signal);
    await sent.promise;
    await sleep(20);
    client.abort();
    await expect(answer).rejects.toThrow('aborted');
    await expect.poll(() => outcomes).toMatchObject([{ status: 'cancelled', countsFrom: 'stream' }]);
    expect(outcomes[0]?.counts.completionTokens).toBe(pieces);
  });

  test('that refuses keeps the request from the engine', async () => {
    const metering: Metering = {
      reserve: ({ setHeader }) => {
        setHeader('x-ratelimit-limit-requests', '7');
        return Promise.reject(new ApiError('rate_limit_exceeded', 'Too many requests.'));
      },
    };
    const { url, upstreams } = await serve([bytes(hello)], { metering });
    const answer = await post(url);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('x-ratelimit-limit-requests')).toBe('7');
    expect(upstreams[0]?.received).toEqual([]);
  });
});

test("the request's line in the log has its counts and no text", async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
  const upstream = await new ScriptedUpstream(
    bytes(events(chunk({ content: 'MODEL TEXT' }), chunk({}, 'stop'), usage(12, 5, 4))),
  ).listen();
  const deployment = upstream.deployment();
  const { app, url } = await chatServer([deployment], {}, (server) => logRequests(server, log));
  onTestFinished(async () => {
    await app.close();
    await upstream.close();
  });
  await (await post(url, { messages: [{ role: 'user', content: 'USER TEXT' }] })).text();
  await expect.poll(() => lines.length).toBe(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    route: '/v1/chat/completions',
    status: 200,
    model: 'test-model',
    deployment: deployment.id,
    outcome: 'completed',
    promptTokens: 12,
    cachedTokens: 4,
    completionTokens: 5,
    queueMs: null,
    timeToFirstTokenMs: expect.any(Number),
  });
  expect(lines[0]).not.toMatch(/TEXT/);
});
