import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Installation, readAnswer, readStream } from './platform/server.ts';

/** How the engine behind the server answers; a test chooses. */
let answer: (response: ServerResponse, body: string) => Promise<void>;
let reached = 0;
let installation: Installation;
const engine = createServer((request, response) => {
  void (async () => {
    const body = await text(request);
    if (!request.url?.endsWith('/chat/completions')) {
      response.end('{"object":"list","data":[{"id":"scripted","object":"model"}]}');
      return;
    }
    reached += 1;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    await answer(response, body);
  })();
});

beforeAll(async () => {
  engine.listen(0, '127.0.0.1');
  await once(engine, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has such an address
  const { port } = engine.address() as AddressInfo;
  installation = new Installation(`http://127.0.0.1:${port}/v1`, { WEAI_REQUEST_TIMEOUT_MS: '5000' });
  await installation.start();
});
afterAll(async () => {
  await installation.stop();
  engine.closeAllConnections();
  engine.close();
  installation.remove();
});

function event(content: string | null, more: object = {}): string {
  const choices = [{ index: 0, delta: content === null ? {} : { content }, finish_reason: null, ...more }];
  return `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'scripted', choices })}\n\n`;
}

const end = `${event(null, { finish_reason: 'stop' })}data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"scripted","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}\n\ndata: [DONE]\n\n`;

async function answerOk(response: ServerResponse): Promise<void> {
  response.end(event('ok') + end);
}

/** Sends a short request, and returns how long its whole answer took. */
async function askMs(requestId: string): Promise<number> {
  const startedMs = performance.now();
  expect(await readStream(await installation.post(requestId))).toMatchObject({ complete: true });
  return performance.now() - startedMs;
}

/** Memory that the server holds now, in bytes. */
function residentBytes(): number {
  const status = readFileSync(`/proc/${installation.serverPid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

test('128 streams at once: every frame exact, none later than 200 ms', async () => {
  const tokens = 60;
  answer = async (response) => {
    for (let token = 0; token < tokens; token += 1) {
      response.write(event(`${token}:${performance.now()} `));
      await sleep(40);
    }
    response.end(end);
  };
  let latestMs = Infinity;
  // On a busy machine any process may be held up that long: what the server itself can do shows in the best of three.
  for (let round = 0; round < 3 && latestMs >= 200; round += 1) {
    latestMs = 0;
    const streams = Array.from({ length: 128 }, async (_, stream) => {
      const { text: all, latestMs: ofStreamMs } = await readFrames(`stream-${round}-${stream}`);
      latestMs = Math.max(latestMs, ofStreamMs);
      return all;
    });
    for (const stream of await Promise.all(streams)) expectExact(stream, tokens);
    console.log(
      `128 streams of ${tokens} tokens: the latest frame came ${latestMs.toFixed(0)} ms after it was sent`,
    );
  }
  expect(latestMs).toBeLessThan(200);
});

/** Reads a stream whose frames tell when they were sent; the first ones, when 128 connections open, are not timed. */
async function readFrames(requestId: string): Promise<{ text: string; latestMs: number }> {
  const response = await installation.post(requestId);
  let all = '';
  let latestMs = 0;
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const nowMs = performance.now();
    for (const [, token, sentMs] of piece.matchAll(/"content":"(\d+):([\d.]+) "/g)) {
      if (Number(token) >= 10) latestMs = Math.max(latestMs, nowMs - Number(sentMs));
    }
    all += piece;
  }
  return { text: all, latestMs };
}

function expectExact(stream: string, tokens: number): void {
  const events = stream.split('\n\n').filter((each) => each.startsWith('data: '));
  expect(events.at(-1)).toBe('data: [DONE]');
  const chunks = events.slice(0, -1).map((each) => JSON.parse(each.slice(6)));
  const numbers = chunks.flatMap(({ choices }) => choices[0]?.delta.content?.match(/\d+(?=:)/g) ?? []);
  expect(numbers).toEqual(Array.from({ length: tokens }, (_, token) => String(token)));
  expect(chunks.filter(({ choices }) => choices[0]?.finish_reason === 'stop')).toHaveLength(1);
}

test('1,500 prompts of 150 KB arrive whole, and leave no memory behind', async () => {
  const prompt = 'The quick brown fox jumps over the lazy dog. '.repeat(3334);
  let whole = 0;
  answer = async (response, body) => {
    if (body.includes(prompt)) whole += 1;
    await answerOk(response);
  };
  let sent = 0;
  const client = async (until: number): Promise<void> => {
    while (sent < until) {
      sent += 1;
      const body = {
        messages: [{ role: 'user', content: `${sent} ${prompt}` }],
        stream: false,
        stream_options: undefined,
      };
      const response = await installation.post(`prompt-${sent}`, { body });
      expect(await readAnswer(response)).toMatchObject({ complete: true });
    }
  };
  const clients = (until: number) => Promise.all(Array.from({ length: 16 }, () => client(until)));
  await clients(300);
  const before = residentBytes();
  const startedMs = performance.now();
  await clients(1500);
  const grown = residentBytes() - before;
  console.log(
    `1,200 prompts of 150 KB in ${((performance.now() - startedMs) / 1000).toFixed(1)} s; memory grew by ${(grown / 1e6).toFixed(0)} MB`,
  );
  expect(whole).toBe(1500);
  expect(grown).toBeLessThan(150_000_000);
});

test('a prompt of 100,000 tokens does not hold up short ones', async () => {
  const content = 'word '.repeat(100_000);
  answer = answerOk;
  for (let number = 0; number < 20; number += 1) await askMs(`warm-${number}`);
  const longs = Array.from({ length: 4 }, async (_, number) =>
    readStream(
      await installation.post(`long-${number}`, { body: { messages: [{ role: 'user', content }] } }),
    ),
  );
  const shortsMs: number[] = [];
  for (let number = 0; number < 20; number += 1) shortsMs.push(await askMs(`short-${number}`));
  for (const long of await Promise.all(longs)) expect(long.complete).toBe(true);
  console.log(
    `beside four prompts of 100,000 tokens: slowest short answer ${Math.max(...shortsMs).toFixed(0)} ms`,
  );
  expect(Math.max(...shortsMs)).toBeLessThan(500);
});

test('64 readers that stall cost little memory, and nobody else notices', async () => {
  let written = 0;
  const piece = event('x'.repeat(1000)).repeat(50);
  answer = async (response) => {
    // 20 MB each, as fast as the server takes it.
    const pieces = function* (): Generator<string> {
      for (let bytes = 0; bytes < 20_000_000; bytes += piece.length) {
        written += piece.length;
        yield piece;
      }
    };
    // The server leaves when its reader does.
    await pipeline(Readable.from(pieces()), response).catch(() => undefined);
  };
  const before = residentBytes();
  const stalled = await Promise.all(
    Array.from({ length: 64 }, async (_, number) => {
      const request = connect(Number(new URL(installation.url).port), '127.0.0.1');
      request.pause();
      request.write(installation.rawRequest(`stalled-${number}`));
      await once(request, 'connect');
      return request;
    }),
  );
  await sleep(3000);
  const grown = residentBytes() - before;
  const mostWritten = written;
  answer = answerOk;
  const besideMs = await askMs('beside');
  for (const socket of stalled) socket.destroy();
  console.log(
    `64 stalled readers: memory grew by ${(grown / 1e6).toFixed(0)} MB, the engines wrote ${(mostWritten / 1e6).toFixed(0)} MB of 1,280`,
  );
  expect(grown).toBeLessThan(200_000_000);
  expect(besideMs).toBeLessThan(1000);
});

test('a flood of wrong keys reaches no engine, and those with a right one are answered meanwhile', async () => {
  answer = answerOk;
  const before = reached;
  let refused = 0;
  const flooding = new AbortController();
  const flood = async (client: number): Promise<void> => {
    for (let number = 0; !flooding.signal.aborted; number += 1) {
      const headers = { authorization: `Bearer sk-weai-wrong-${client}-${number}` };
      const response = await installation.post('flood', { headers });
      await response.text();
      if (response.status === 401) refused += 1;
    }
  };
  const floods = Array.from({ length: 32 }, (_, client) => flood(client));
  const timesMs: number[] = [];
  try {
    for (let number = 0; number < 20; number += 1) {
      timesMs.push(await askMs(`right-${number}`));
      await sleep(100);
    }
  } finally {
    flooding.abort();
    await Promise.all(floods);
  }
  console.log(`flood: ${refused} refused, slowest right answer ${Math.max(...timesMs).toFixed(0)} ms`);
  expect(reached - before).toBe(20);
  expect(refused).toBeGreaterThan(500);
  expect(Math.max(...timesMs)).toBeLessThan(1000);
});

test('300 connections that send a byte now and then are closed, and others are answered meanwhile', async () => {
  answer = answerOk;
  const port = Number(new URL(installation.url).port);
  const head = Buffer.from(installation.rawRequest('slow'));
  const open = (number: number): Socket => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.resume();
    // Half of them dawdle in the head, half in the body.
    let at = number % 2 === 0 ? 20 : head.length - 20;
    socket.write(head.subarray(0, at));
    const timer = setInterval(
      () => socket.write(head.subarray(at, (at += at < head.length - 2 ? 1 : 0))),
      500,
    );
    socket.once('close', () => clearInterval(timer));
    return socket;
  };
  const startedMs = performance.now();
  const sockets = Array.from({ length: 300 }, (_, number) => open(number));
  const closed = Promise.all(sockets.map((socket) => once(socket, 'close')));
  for (let number = 0; number < 10; number += 1) {
    expect(await askMs(`beside-slow-${number}`)).toBeLessThan(1000);
    await sleep(200);
  }
  await closed;
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});
