import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Limits } from '../server/src/limits/limits.ts';
import { doubled, ledgerRows, limitProject, withDatabase } from './platform/database.ts';
import { Installation, readStream } from './platform/server.ts';
import { type PacedUpstream, startUpstream } from './platform/upstream.ts';

let upstream: PacedUpstream;
let installation: Installation;

beforeAll(async () => {
  upstream = await startUpstream();
  installation = new Installation(upstream.url);
  await installation.start();
});
afterAll(async () => {
  await installation.stop();
  await upstream.close();
  installation.remove();
});

const limit = (limits: Partial<Limits>): Promise<void> =>
  limitProject({ dataDir: installation.dataDir, databaseUrl: null }, limits);

test('1,000 requests that their clients leave: all are metered, no hold stays', async () => {
  await limit({ concurrentRequests: 64 });
  upstream.paceMs = 20;
  for (let from = 0; from < 1000; from += 50) {
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const client = new AbortController();
        const left = installation.post(`left-${from + index}`, { signal: client.signal });
        setTimeout(() => client.abort(), (index % 10) * 8);
        await left
          .then(
            (answer) => answer.text(),
            () => '',
          )
          .catch(() => '');
      }),
    );
  }
  const { dataDir } = installation;
  const reached = upstream.reached.filter((requestId) => requestId.startsWith('left-')).length;
  await expect
    .poll(async () => (await withDatabase({ dataDir, databaseUrl: null }, ledgerRows)).length, {
      timeout: 10_000,
    })
    .toBeGreaterThanOrEqual(reached);
  upstream.paceMs = 4;
  const answers = await Promise.all(
    Array.from({ length: 64 }, async (_, index) => {
      const answer = await installation.post(`after-${index}`);
      return { status: answer.status, ...(await readStream(answer)) };
    }),
  );
  expect(answers.filter(({ status, complete }) => status === 200 && complete)).toHaveLength(64);
  const rows = (await withDatabase({ dataDir, databaseUrl: null }, ledgerRows)).filter((row) =>
    row.request_id.startsWith('left-'),
  );
  console.log(
    `1,000 aborts: ${reached} reached the engine, ${rows.filter(({ status }) => status === 'cancelled').length} cancelled, ${doubled(rows)} doubled, 0 holds left`,
  );
  expect(doubled(rows)).toBe(0);
});

test.each<[string, Partial<Limits>, number]>([
  ['requests at once', { concurrentRequests: 7 }, 7],
  ['requests per minute', { requestsPerMinute: 30 }, 30],
  // A request holds (11 + 16) × $1 + 40 × $2 for a million: 107,000 nano-dollars.
  ['money per day', { nanosPerDay: 12 * 107_000 }, 12],
])('64 racing requests at a limit of %s: exactly as many pass', async (name, limits, passes) => {
  // What was used before counts as well: a fresh installation for each.
  await installation.stop();
  installation.remove();
  installation = new Installation(upstream.url);
  await installation.start();
  await limit(limits);
  upstream.paceMs = 40;
  const answers = await Promise.all(
    Array.from({ length: 64 }, async (_, index) => {
      const answer = await installation.post(`race-${index}`);
      return {
        status: answer.status,
        retryAfter: answer.headers.get('retry-after'),
        text: await answer.text(),
      };
    }),
  );
  const passed = answers.filter(({ status }) => status === 200).length;
  console.log(
    `raced at 64 ways, ${name}: ${passed} of ${passes} passed, overshoot ${Math.max(0, passed - passes)}`,
  );
  expect(passed).toBe(passes);
  expect(answers.filter(({ status, retryAfter }) => status === 429 && retryAfter !== null)).toHaveLength(
    64 - passes,
  );
});

test('who asks again as soon as an answer has come finds its place free, on whatever connection', async () => {
  await installation.stop();
  installation.remove();
  installation = new Installation(upstream.url);
  await installation.start();
  await limit({ concurrentRequests: 1 });
  upstream.paceMs = 0;
  const { hostname, port } = new URL(installation.url);
  const sockets = [connect(Number(port), hostname), connect(Number(port), hostname)] as const;
  const statuses = new Map<string, number>();
  for (let round = 0; round < 400; round += 1) {
    const socket = round % 2 === 0 ? sockets[0] : sockets[1];
    socket.write(installation.rawRequest(`again-${round}`));
    const status = await statusOnceAnswered(socket);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  for (const socket of sockets) socket.destroy();
  expect(Object.fromEntries(statuses)).toEqual({ 200: 400 });
});

/** The status of a connection's next answer, in the moment in which the last of its events is there. */
async function statusOnceAnswered(socket: Socket): Promise<string> {
  let text = '';
  for await (const bytes of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    text += bytes.toString('latin1');
    const status = /HTTP\/1\.1 (\d+)/.exec(text)?.[1];
    if (status !== undefined && (text.includes('[DONE]') || text.includes('"error"'))) return status;
  }
  throw new Error('the connection was closed');
}
