import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../server/src/db/embedded.ts';
import { log } from './platform/database.ts';
import { Installation, readStream } from './platform/server.ts';
import { type PacedUpstream, startUpstream } from './platform/upstream.ts';

const databaseDir = mkdtempSync(path.join(tmpdir(), 'weai-contents-db-'));
let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
let upstream: PacedUpstream;
let installation: Installation;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(databaseDir, log, true);
  const { host = '', user = '', database = '' } = postgres.connectionOptions;
  upstream = await startUpstream();
  upstream.paceMs = 0;
  installation = new Installation(upstream.url, {
    DATABASE_URL: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`,
    WEAI_LOG_LEVEL: 'trace',
  });
  await installation.start();
});

afterAll(async () => {
  await installation.stop();
  await upstream.close();
  await postgres.stop();
  installation.remove();
  rmSync(databaseDir, { recursive: true, force: true });
});

/** What these tests look into of an answer: a list, or one request of the log. */
interface Administered {
  data: { id: string; request_id: string }[];
  content: unknown;
  error?: unknown;
}

/** Asks the API of administration. */
async function administer(method: 'GET' | 'POST', resource: string, body?: object): Promise<Administered> {
  const key = readFileSync(path.join(installation.dataDir, 'admin-key'), 'utf8').trim();
  const answer = await fetch(`${installation.url}/v1/organization/${resource}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const parsed: Administered = JSON.parse(await answer.text());
  expect([answer.status, parsed.error]).toEqual([200, undefined]);
  return parsed;
}

async function storeContent(on: boolean): Promise<void> {
  const { data } = await administer('GET', 'projects');
  await administer('POST', `projects/${data[0]?.id}`, { store_content: on });
}

/** The content that the request log has of a request; undefined while the request isn't there. */
async function contentOf(requestId: string): Promise<unknown> {
  const { data } = await administer('GET', 'requests?limit=100');
  const found = data.find((request) => request.request_id === requestId);
  return found === undefined ? undefined : (await administer('GET', `requests/${found.id}`)).content;
}

/** Files of server and database that have a text: tables, write-ahead log, journal, logs. */
function filesWith(text: string): string[] {
  return [installation.dataDir, databaseDir].flatMap((root) =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .filter((file) => readFileSync(file).includes(text)),
  );
}

test('content of a project that does not store it is nowhere: not in the database, its log, the journal or the log', async () => {
  const canary = 'canary-5f1c9e';
  upstream.says = `${canary} `;
  const body = {
    messages: [
      { role: 'system', content: `Keep ${canary}` },
      { role: 'user', content: canary },
    ],
    metadata: { canary },
    user: canary,
  };
  await readStream(await installation.post('canary-stream', { body }));
  await (
    await installation.post('canary-json', { body: { ...body, stream: false, stream_options: null } })
  ).text();
  const stop = new AbortController();
  upstream.paceMs = 20;
  const stopped = await installation.post('canary-stopped', { body, signal: stop.signal });
  await stopped.body?.getReader().read();
  stop.abort();
  await (await installation.post('canary-refused', { body: { ...body, temperature: 9 } })).text();
  upstream.paceMs = 0;
  await expect.poll(() => contentOf('canary-stopped'), { timeout: 10_000 }).toBeNull();
  expect(await contentOf('canary-json')).toBeNull();
  expect(filesWith(canary)).toEqual([]);
});

test('content of a project that stores it is kept, while the database is away too, and gone when it is turned off', async () => {
  const spoken = 'spoken-77ab03';
  upstream.says = `${spoken} `;
  await storeContent(true);
  const ask = async (requestId: string) => {
    const body = { messages: [{ role: 'user', content: `Say ${spoken}` }] };
    expect((await readStream(await installation.post(requestId, { body }))).complete).toBe(true);
  };
  const kept = {
    request: { messages: [{ role: 'user', content: `Say ${spoken}` }] },
    answer: { choices: [{ message: { content: expect.stringContaining(spoken) } }] },
    truncated: false,
  };
  await ask('kept');
  await expect.poll(() => contentOf('kept'), { timeout: 10_000 }).toMatchObject(kept);
  // The search of the test above finds what is there.
  expect(filesWith(`Say ${spoken}`)).not.toEqual([]);

  await postgres.stop();
  for (let number = 0; number < 20; number += 1) await ask(`away-${number}`);
  postgres = await startEmbeddedPostgres(databaseDir, log, true);
  await expect
    .poll(async () => (await installation.readyz()).status, { timeout: 30_000, interval: 250 })
    .toBe('ready');
  await expect.poll(() => contentOf('away-19'), { timeout: 30_000, interval: 500 }).toMatchObject(kept);
  expect(await contentOf('away-0')).toMatchObject(kept);

  await storeContent(false);
  expect(await contentOf('kept')).toBeNull();
  await ask('after');
  await expect.poll(() => contentOf('after'), { timeout: 10_000 }).toBeNull();
});
