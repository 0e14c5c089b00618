import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { Deployment } from '../engines/deployment.ts';
import { engineTotals, type EngineTotals } from '../engines/engine-totals.ts';
import { replay } from './replay.ts';
import { countsOf, type LedgerRow } from './row.ts';
import { journalDirectory, listSegments } from './segments.ts';
import { differingSums } from './sums.ts';

/** One thing that was looked at. */
export interface Check {
  name: string;
  ok: boolean;
  /** A sentence with the figures. */
  found: string;
}

export interface VerifyOptions {
  dataDir: string;
  kysely: Kysely<Tables>;
  /** Whether a server has the journal open: then requests may be under way. */
  serverRuns: boolean;
  deployments: readonly Deployment[];
  /** How long rows may be on their way from the journal into the table. */
  patienceMs?: number;
}

/** Replays the journal, and compares it, the table, its sums and the engines' own counters. Changes nothing. */
export async function verifyLedger(options: VerifyOptions): Promise<Check[]> {
  const segments = await listSegments(journalDirectory(options.dataDir));
  const settled = new Map<string, LedgerRow>();
  const { open, broken } = await replay(segments, (entry) => {
    if (entry.kind === 'settled') settled.set(entry.value.id, entry.value);
  });
  const patienceMs = options.patienceMs ?? (options.serverRuns ? 5000 : 0);
  return [
    {
      name: 'journal',
      ok: broken.length === 0,
      found: `${segments.length} segments, ${settled.size} settlements, ${broken.length} damaged lines`,
    },
    {
      name: 'reservations',
      ok: options.serverRuns || open.size === 0,
      found: options.serverRuns
        ? `${open.size} requests under way`
        : `${open.size} without an owner${open.size > 0 ? ': the next start of the server settles them' : ''}`,
    },
    await compareWithTable(options.kysely, [...settled.values()], patienceMs),
    await compareSums(options.kysely),
    ...(await Promise.all(options.deployments.map((one) => compareEngine(options.kysely, one)))).flat(),
  ];
}

async function compareWithTable(
  kysely: Kysely<Tables>,
  settled: readonly LedgerRow[],
  patienceMs: number,
): Promise<Check> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const { missing, different } = await differences(kysely, settled);
    const waiting = missing > 0 && performance.now() < deadlineMs;
    if (waiting) {
      await sleep(200);
      continue;
    }
    return {
      name: 'journal and table',
      ok: missing + different === 0,
      found: `${settled.length} settlements, ${missing} not in the table, ${different} with other figures there`,
    };
  }
}

async function differences(
  kysely: Kysely<Tables>,
  settled: readonly LedgerRow[],
): Promise<{ missing: number; different: number }> {
  const result = { missing: 0, different: 0 };
  for (let from = 0; from < settled.length; from += 1000) {
    const batch = settled.slice(from, from + 1000);
    const rows = await kysely
      .selectFrom('ledger')
      .selectAll()
      .where(
        'id',
        'in',
        batch.map(({ id }) => id),
      )
      .execute();
    const known = new Map(rows.map((row) => [row.id, row]));
    for (const row of batch) {
      const stored = known.get(row.id);
      if (stored === undefined) result.missing += 1;
      else if (fingerprint(row) !== fingerprint({ ...stored, cost: Number(stored.cost) })) {
        result.different += 1;
      }
    }
  }
  return result;
}

function fingerprint(
  row: Parameters<typeof countsOf>[0] & Pick<LedgerRow, 'status' | 'cost' | 'project_id' | 'key_id'>,
): string {
  return JSON.stringify([countsOf(row), row.status, row.cost, row.project_id, row.key_id]);
}

async function compareSums(kysely: Kysely<Tables>): Promise<Check> {
  const { rows } = await sql<{ rows: string; doubled: string }>`
    select count(*) as rows, count(*) - count(distinct id) as doubled from ledger`.execute(kysely);
  const differing = await differingSums(kysely);
  const figures = [Number(rows[0]?.doubled), ...differing.values()];
  return {
    name: 'table and sums',
    ok: figures.every((count) => count === 0),
    found:
      `${rows[0]?.rows} rows, ${rows[0]?.doubled} doubled; sums that differ from theirs: ` +
      [...differing].map(([name, count]) => `${count} in ${name}`).join(', '),
  };
}

async function compareEngine(kysely: Kysely<Tables>, deployment: Deployment): Promise<Check[]> {
  if (!('socketPath' in deployment.endpoint)) return [];
  const totals = await engineTotals(deployment.endpoint.socketPath);
  if (totals === null) return [];
  const sums = await kysely
    .selectFrom('ledger')
    .select([
      sql<string>`coalesce(sum(prompt_tokens), 0)`.as('prompt'),
      sql<string>`coalesce(sum(completion_tokens), 0)`.as('completion'),
      sql<string>`count(*) filter (where counts_from = 'stream')`.as('stopped'),
    ])
    .where('deployment_id', '=', deployment.id)
    .where('started_at', '>=', new Date(totals.started_at))
    .executeTakeFirstOrThrow();
  return [engineCheck(deployment.id, totals, { ...sums, stopped: Number(sums.stopped) })];
}

/**
 * Whether rows and engine agree: to the token where no answer was stopped early. An answer that was may differ by what was
 * under way when its reader left, and by its whole prompt when the engine ended before it was read.
 */
export function engineCheck(
  deploymentId: string,
  totals: EngineTotals,
  sums: { prompt: string; completion: string; stopped: number },
): Check {
  const promptApart = Number(sums.prompt) - totals.prompt_tokens_total;
  const completionApart = Number(sums.completion) - totals.completion_tokens_total;
  const allowed = sums.stopped * tokensUnderWay;
  return {
    name: `engine ${deploymentId}`,
    ok: Math.abs(completionApart) <= allowed && (promptApart === 0 || sums.stopped > 0),
    found:
      `rows: ${sums.prompt} prompt and ${sums.completion} completion tokens; ` +
      `the engine's own: ${totals.prompt_tokens_total} and ${totals.completion_tokens_total}; ${sums.stopped} stopped early`,
  };
}

const tokensUnderWay = 64;
