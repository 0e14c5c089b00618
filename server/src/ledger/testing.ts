import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../db/testing.ts';
import { Journal, type JournalOptions } from './journal.ts';
import type { Outcome } from './metering.ts';
import { Records } from './record.ts';
import { type LedgerRow, settledRow, type Started, valuesOf } from './row.ts';
import { listSegments } from './segments.ts';

/** A directory for one test's journal. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'weai-journal-'));
}

/** Opens a journal after whatever is in the directory. */
export async function openJournal(
  directory: string,
  options: Partial<JournalOptions> = {},
): Promise<Journal> {
  const segments = await listSegments(directory);
  return new Journal({ directory, log: silentLog, maxBytes: 64 * 1024 * 1024, ...options }, segments);
}

/** A request of the key `key-1`, just started. */
export function started(fields: Partial<Started> = {}): Started {
  return {
    id: randomUUID(),
    started_at: new Date().toISOString(),
    request_id: 'request-1',
    organization_id: 'organization-1',
    project_id: 'project-1',
    key_id: 'key-1',
    model_requested: 'asked',
    model: 'served',
    input_price: 1_000_000_000,
    cached_input_price: 500_000_000,
    output_price: 2_000_000_000,
    ...fields,
  };
}

/** The row of a request that completed. */
export function settled(start: Started, fields: Partial<LedgerRow> = {}): LedgerRow {
  return settledRow(start, {
    settled_at: new Date().toISOString(),
    deployment_id: 'embedded/served',
    route: [],
    status: 'completed',
    finish_reason: 'stop',
    error_code: null,
    prompt_tokens: 10,
    cached_tokens: 4,
    completion_tokens: 5,
    reasoning_tokens: 0,
    counts_from: 'engine',
    machine_price: 3_600_000_000,
    engine_seconds: 0.5,
    queue_ms: 1,
    time_to_first_token_ms: 2,
    duration_ms: 3,
    ...fields,
  });
}

/** How a request ended that completed: 10 tokens of prompt, 5 generated. */
export const completed: Outcome = {
  status: 'completed',
  deploymentId: 'd',
  failedAttempts: [],
  counts: { promptTokens: 10, cachedTokens: 0, completionTokens: 5, reasoningTokens: 0 },
  countsFrom: 'engine',
  finishReason: 'stop',
  error: null,
  queueMs: null,
  timeToFirstTokenMs: 1,
  durationMs: 2,
};

/** Rows as `insertRows` takes them. */
export function recordsOf(rows: readonly LedgerRow[]): Records {
  const records = new Records();
  for (const row of rows) records.add(Buffer.from(JSON.stringify(valuesOf(row))));
  return records;
}
