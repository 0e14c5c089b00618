import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { apiKey, ask, baseUrl, client, model } from '../platform/clients.ts';
import { errorProblems, observedFetch } from '../platform/observed.ts';
import { post } from '../platform/raw.ts';
import { contentTypes, credentials } from './headers.ts';
import type { BadRequest } from './request.ts';
import { schemas } from './schemas.ts';
import { notJson, notText } from './text.ts';
import { numbers, tools, types } from './values.ts';

const topics: [name: string, requests: BadRequest[]][] = [
  ['not JSON', notJson],
  ['not text', notText],
  ['wrong types', types],
  ['numbers out of range', numbers],
  ['tools', tools],
  ['schemas that cannot be compiled', schemas],
  ['credentials', credentials],
  ['content types', contentTypes],
];

interface ErrorAnswer {
  error: { message: string; type: string; param: string | null; code: string | null };
}

afterEach(async () => {
  const answer = await client.chat.completions.create({
    model,
    messages: ask('Hi'),
    max_completion_tokens: 1,
  });
  expect(answer.choices, 'the server still answers').toHaveLength(1);
});

describe.each(topics)('%s', (_topic, requests) => {
  test.each(requests)('$name', async ({ body, headers, status, param, code }) => {
    const response = await post(body, headers);
    const answer: ErrorAnswer = JSON.parse(await response.text());
    expect(response.status, JSON.stringify(answer).slice(0, 500)).toBe(status ?? 400);
    expect(errorProblems(answer)).toEqual([]);
    expect(answer.error.type).toBe('invalid_request_error');
    expect(answer.error.message.length, answer.error.message).toBeLessThan(600);
    if (param) expect(answer.error.param?.split('.')[0]).toBe(param);
    if (param === null) expect(answer.error.param).toBeNull();
    if (code) expect(answer.error.code).toBe(code);
  });
});

test.each([
  ['DELETE', '/chat/completions', 405],
  ['PUT', '/chat/completions', 405],
  ['DELETE', '/models', 405],
  ['POST', '/models', 405],
  ['GET', '/no-such-thing', 404],
  ['POST', '/chat/completions/extra/more', 404],
  ['GET', '/models/%00', 404],
  ['GET', '/models/..%2f..%2fetc%2fpasswd', 404],
  ['GET', '/models/%ff', 400],
])('%s %s is %i', async (method, path, status) => {
  const response = await observedFetch(`${baseUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}` },
  });
  const answer: ErrorAnswer = JSON.parse(await response.text());
  expect([response.status, errorProblems(answer)]).toEqual([status, []]);
  if (status === 405) expect(response.headers.get('allow')).toMatch(/\w/);
});

describe('a body over the limit', () => {
  const limitBytes = 32 * 1024 * 1024;

  test('announced by Content-Length is 413 before it is sent', async () => {
    const answer = await exchange(`content-length: ${limitBytes * 3}\r\n`, () => Promise.resolve());
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"request_too_large"');
  });

  test('that streams in is 413 once it passes the limit', async () => {
    let answer = '';
    let sentBytes = 0;
    // The reset that ends the connection may overtake the answer, and whoever still writes then never sees it.
    for (let tries = 0; tries < 5 && answer === ''; tries += 1) {
      sentBytes = 0;
      answer = await exchange('transfer-encoding: chunked\r\n', async (write) => {
        const piece = `10000\r\n${'x'.repeat(0x1_00_00)}\r\n`;
        while (sentBytes < limitBytes * 3 && (await write(piece))) sentBytes += 0x1_00_00;
      });
      expect(sentBytes, 'the rest is not read').toBeLessThan(limitBytes * 2);
    }
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});

test.skipIf(inject('server').dataDirectory === null)('what is refused is not logged in full', async () => {
  const { readFile } = await import('node:fs/promises');
  const canary = 'canary-7f3a'.repeat(200);
  await post(JSON.stringify({ model, messages: [{ role: 'robot', content: canary }], [canary]: 1 }));
  const log = await readFile(`${inject('server').dataDirectory}/conformance-server.log`, 'utf8');
  expect(log).not.toContain('canary-7f3a'.repeat(60));
  expect(log).not.toContain(apiKey.slice(5, 30));
});

/** Sends a request by hand, stops when the server has answered or hung up, and gives back what it said; nothing after a reset. */
async function exchange(
  header: string,
  sendBody: (write: (piece: string) => Promise<boolean>) => Promise<void>,
): Promise<string> {
  const url = new URL(baseUrl);
  const socket = connect(Number(url.port), url.hostname);
  await once(socket, 'connect');
  let answer = '';
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  const over = new Promise<void>((resolve) => {
    socket.once('data', () => resolve());
    void closed.then(resolve);
  });
  socket.setEncoding('utf8').on('data', (piece) => (answer += piece));
  // A reset is the server's way to say that it reads no more.
  socket.on('error', () => socket.destroy());
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer ${apiKey}\r\ncontent-type: application/json\r\n${header}\r\n`,
  );
  await sendBody(async (piece) => {
    // Of a socket that was reset nothing is sent, though the callback comes: before the loop can tell that it is closed.
    const written = new Promise<boolean>((resolve) => {
      socket.write(piece, (error) => resolve(!error));
    });
    return Promise.race([written, over.then(() => false)]);
  });
  await closed;
  return answer;
}
