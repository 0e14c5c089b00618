import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyLedger } from '../server/src/ledger/verify.ts';
import { doubled, ledgerRows, withDatabase } from './platform/database.ts';
import { Installation, readAnswer, readStream } from './platform/server.ts';
import { type PacedUpstream, startUpstream } from './platform/upstream.ts';

const rounds = 4;
const clients = 24;

let upstream: PacedUpstream;
let installation: Installation;
beforeAll(async () => {
  upstream = await startUpstream();
  upstream.paceMs = 15;
  installation = new Installation(upstream.url);
});
afterAll(async () => {
  await installation.stop();
  await upstream.close();
  installation.remove();
});

test(`SIGTERM ${rounds} times under load: every answer that began is whole, each is in the ledger once, exit code 0`, async () => {
  const seen = new Map<string, { promptTokens: number; completionTokens: number }>();
  const cut: string[] = [];
  const unanswered: string[] = [];
  const refusals: string[] = [];
  let number = 0;
  const client = async (stopping: AbortSignal): Promise<void> => {
    while (!stopping.aborted) {
      const requestId = `request-${(number += 1)}`;
      // A third isn't streamed: the answer comes only when all of it is there.
      const plain = number % 3 === 0;
      try {
        const answer = await installation.post(requestId, plain ? { body: notStreamed } : {});
        if (answer.status === 503) {
          refusals.push(await answer.text());
          continue;
        }
        const { complete, ...counts } = await (plain ? readAnswer(answer) : readStream(answer));
        if (complete) seen.set(requestId, counts);
        else cut.push(requestId);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        unanswered.push(requestId);
        await sleep(5);
      }
    }
  };
  for (let round = 0; round < rounds; round += 1) {
    await installation.start();
    const stopping = new AbortController();
    const load = Array.from({ length: clients }, () => client(stopping.signal));
    await sleep(700 + 61 * round);
    // Throws unless the server exits with 0 and leaves no process behind.
    await installation.stop();
    stopping.abort();
    await Promise.all(load);
  }
  const { dataDir } = installation;
  await withDatabase({ dataDir, databaseUrl: null }, async (database) => {
    const rows = await ledgerRows(database);
    const byId = new Map(rows.map((row) => [row.request_id, row]));
    const lost = upstream.reached.filter((requestId) => !byId.has(requestId));
    const different = [...seen].filter(([requestId, counts]) => {
      const row = byId.get(requestId);
      return (
        row?.status !== 'completed' ||
        row.completion_tokens !== counts.completionTokens ||
        row.prompt_tokens !== counts.promptTokens
      );
    });
    const halfDone = unanswered.filter((requestId) => byId.has(requestId));
    console.log(
      `SIGTERM × ${rounds}: ${upstream.reached.length} requests reached the engine, ${seen.size} answered in full, ` +
        `${cut.length} cut, ${refusals.length} refused with 503, ${lost.length} lost, ${doubled(rows)} doubled, ${different.length} with other counts`,
    );
    expect(refusals.filter((text) => !text.includes('"code":"server_draining"'))).toEqual([]);
    expect(seen.size).toBeGreaterThan(rounds * clients);
    expect({ cut, lost, different, halfDone, doubled: doubled(rows) }).toEqual({
      cut: [],
      lost: [],
      different: [],
      halfDone: [],
      doubled: 0,
    });
    const checks = await verifyLedger({
      dataDir,
      kysely: database.kysely,
      serverRuns: false,
      deployments: [],
    });
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });
});

const notStreamed = { stream: false, stream_options: undefined };
