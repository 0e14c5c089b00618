import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockHolder } from '../server/src/data-directory.ts';
import { verifyLedger } from '../server/src/ledger/verify.ts';
import { doubled, ledgerRows, withDatabase } from './platform/database.ts';
import { Installation, readStream } from './platform/server.ts';
import { type PacedUpstream, startUpstream } from './platform/upstream.ts';

const rounds = 20;
const clients = 24;

let upstream: PacedUpstream;
let installation: Installation;
beforeAll(async () => {
  upstream = await startUpstream();
  installation = new Installation(upstream.url);
});
afterAll(async () => {
  await installation.stop();
  await upstream.close();
  installation.remove();
});

test(`kill -9 of the server ${rounds} times under streaming load: nothing lost, nothing twice`, async () => {
  const seen = new Map<string, { promptTokens: number; completionTokens: number }>();
  let number = 0;
  const client = async (running: AbortSignal): Promise<void> => {
    while (!running.aborted) {
      const requestId = `request-${(number += 1)}`;
      try {
        const { complete, ...counts } = await readStream(await installation.post(requestId));
        if (complete) seen.set(requestId, counts);
      } catch (error) {
        // Cut off by the kill.
        if (!(error instanceof TypeError)) throw error;
        await sleep(5);
      }
    }
  };
  for (let round = 0; round < rounds; round += 1) {
    await installation.start();
    const running = new AbortController();
    const load = Array.from({ length: clients }, () => client(running.signal));
    await sleep(250 + 37 * round);
    await installation.kill();
    running.abort();
    await Promise.all(load);
  }
  await installation.start();
  const { dataDir } = installation;
  await withDatabase({ dataDir, databaseUrl: null }, async (database) => {
    const rows = await ledgerRows(database);
    const byId = new Map(rows.map((row) => [row.request_id, row]));
    const lost = [...seen.keys()].filter((requestId) => !byId.has(requestId));
    const unmetered = upstream.reached.filter((requestId) => !byId.has(requestId));
    const different = [...seen].filter(([requestId, counts]) => {
      const row = byId.get(requestId);
      return (
        row &&
        (row.completion_tokens !== counts.completionTokens || row.prompt_tokens !== counts.promptTokens)
      );
    });
    const interrupted = rows.filter(({ status }) => status === 'interrupted');
    console.log(
      `kill -9 × ${rounds}: ${upstream.reached.length} requests reached the engine, ${seen.size} answers seen complete, ` +
        `${interrupted.length} interrupted, ${lost.length} lost, ${doubled(rows)} doubled, ${different.length} with other counts`,
    );
    expect(seen.size).toBeGreaterThan(rounds * clients);
    expect(interrupted.length).toBeGreaterThan(rounds);
    expect({ lost, unmetered, different, doubled: doubled(rows) }).toEqual({
      lost: [],
      unmetered: [],
      different: [],
      doubled: 0,
    });
    const checks = await verifyLedger({
      dataDir,
      kysely: database.kysely,
      serverRuns: (await lockHolder(dataDir, 'server')) !== null,
      deployments: [],
    });
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });
});
