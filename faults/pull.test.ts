import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Installation, readStream } from './platform/server.ts';
import { type PacedUpstream, startUpstream } from './platform/upstream.ts';

const weightsBytes = 98_362_432;

/** A hub that has the starter's file, and sends it slowly: 10 MB a second, all of it zeros. There is no package index. */
async function startHub() {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    if (!request.url?.includes('/resolve/')) return response.writeHead(404).end();
    const { range } = request.headers;
    ranges.push(range);
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    response.writeHead(range === undefined ? 200 : 206, {
      etag: '"v1"',
      'content-length': weightsBytes - from,
      ...(range === undefined
        ? {}
        : { 'content-range': `bytes ${from}-${weightsBytes - 1}/${weightsBytes}` }),
    });
    const timer = setInterval(() => response.write(Buffer.alloc(1_000_000)), 100);
    response.on('close', () => clearInterval(timer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has such an address
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ranges,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

let hub: Awaited<ReturnType<typeof startHub>>;
let upstream: PacedUpstream;
let installation: Installation;
beforeAll(async () => {
  hub = await startHub();
  upstream = await startUpstream();
  installation = new Installation(upstream.url, { WEAI_HUB_URL: hub.url, WEAI_PYTHON_INDEX_URL: hub.url });
  await installation.start();
});
afterAll(async () => {
  await installation.stop();
  await Promise.all([upstream.close(), hub.close()]);
  installation.remove();
});

async function administer(method: 'GET' | 'POST', route: string): Promise<Response> {
  const key = readFileSync(path.join(installation.dataDir, 'admin-key'), 'utf8').trim();
  return fetch(`${installation.url}/v1/organization${route}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
  });
}

const pull = '/models/smollm2-135m/pull';

async function pulled(): Promise<{ state: string; bytes: number; error: string | null }> {
  return JSON.parse(await (await administer('GET', pull)).text());
}

test('a download goes on after kill -9, and again after SIGTERM, which a watcher does not hold up', async () => {
  expect((await administer('POST', pull)).status).toBe(202);
  await expect.poll(async () => (await pulled()).bytes, { timeout: 10_000 }).toBeGreaterThan(3_000_000);
  await installation.kill();
  await installation.start();
  await expect.poll(() => hub.ranges.length, { timeout: 10_000 }).toBe(2);
  const afterKill = Number(/^bytes=(\d+)-$/.exec(hub.ranges[1] ?? '')?.[1]);
  expect(afterKill).toBeGreaterThan(3_000_000);
  await expect.poll(async () => (await pulled()).bytes).toBeGreaterThan(afterKill + 3_000_000);

  const watcher = await administer('GET', `${pull}?stream=true`);
  const watched = watcher.text();
  await sleep(1000);
  const stoppingMs = performance.now();
  await installation.stop();
  expect(performance.now() - stoppingMs).toBeLessThan(5_000);
  const events = (await watched).trim().split('\n\n');
  expect(events.length).toBeGreaterThan(2);
  expect(events.at(-1)).toContain('server_draining');

  await installation.start();
  await expect.poll(() => hub.ranges.length, { timeout: 10_000 }).toBe(3);
  expect(Number(/^bytes=(\d+)-$/.exec(hub.ranges[2] ?? '')?.[1])).toBeGreaterThan(afterKill + 3_000_000);
  expect((await administer('POST', `${pull}/cancel`)).status).toBe(200);
  expect(await pulled()).toMatchObject({ state: 'cancelled', error: null });
});

test('a deployment shows what it is doing while it does it', async () => {
  upstream.paceMs = 50;
  const streams = Array.from({ length: 8 }, async (_, index) =>
    readStream(await installation.post(`load-${index}`)),
  );
  const load = async () => {
    const answer: { data: { id: string; state: string; load: Record<string, number | null> }[] } = JSON.parse(
      await (await administer('GET', '/deployments')).text(),
    );
    return answer.data.find(({ id }) => id === 'remote/scripted/declared-1');
  };
  await expect.poll(load, { timeout: 5000 }).toMatchObject({
    state: 'ready',
    load: { in_flight: 8, running: null, tokens_per_second: expect.any(Number) },
  });
  await Promise.all(streams);
  const after = await load();
  expect(after?.load['in_flight']).toBe(0);
  expect(after?.load['tokens_per_second']).toBeGreaterThan(10);
  expect(after?.load['time_to_first_token_ms']).toBeGreaterThan(0);
});
