import type { Insertable } from 'kysely';
import type { LedgerTable } from '../db/tables.ts';
import type { FailedAttempt } from '../routing/router.ts';
import { machineCost, tokenCost, type TokenCounts } from './prices.ts';

/** A value of a column in JSON: times as ISO text, 64-bit whole numbers as numbers. */
type JsonValue<Value> = [number] extends [Value]
  ? Exclude<Value, string>
  : Value extends Date
    ? string
    : Value;

/** A row of the table `ledger` as the journal holds it: the table's columns in JSON. */
export type LedgerRow = {
  [Column in keyof LedgerTable]: Column extends 'route'
    ? readonly FailedAttempt[]
    : JsonValue<Required<Insertable<LedgerTable>>[Column]>;
};

/** The columns of the table in its order, which is that of a row's values. What is added to the table is added at the end. */
export const ledgerColumns = [
  'id',
  'started_at',
  'settled_at',
  'request_id',
  'organization_id',
  'project_id',
  'key_id',
  'model_requested',
  'model',
  'deployment_id',
  'route',
  'status',
  'finish_reason',
  'error_code',
  'prompt_tokens',
  'cached_tokens',
  'completion_tokens',
  'reasoning_tokens',
  'counts_from',
  'input_price',
  'cached_input_price',
  'output_price',
  'cost',
  'machine_price',
  'machine_cost',
  'engine_seconds',
  'queue_ms',
  'time_to_first_token_ms',
  'duration_ms',
] as const satisfies readonly (keyof LedgerTable)[];

/** A row without the names of its columns: less than half as long, and written in half the time. */
export type RowValues = readonly LedgerRow[keyof LedgerRow][];

export function valuesOf(row: LedgerRow): RowValues {
  return ledgerColumns.map((column) => row[column]);
}

/** The names of a row's values beside them. */
export function namedValues(values: RowValues): Partial<Record<keyof LedgerRow, RowValues[number]>> {
  return Object.fromEntries(ledgerColumns.map((column, at) => [column, values[at]]));
}

/** What is known of a request before it reaches an engine. */
export type Started = Pick<
  LedgerRow,
  | 'id'
  | 'started_at'
  | 'request_id'
  | 'organization_id'
  | 'project_id'
  | 'key_id'
  | 'model_requested'
  | 'model'
  | 'input_price'
  | 'cached_input_price'
  | 'output_price'
>;

/** How far a request has come; short names, since there are many. */
export interface Progress {
  id: string;
  deployment: string | null;
  machine_price: number;
  engine_seconds: number;
  /** When, in milliseconds since the request's start. */
  after_ms: number;
  counts: TokenCounts;
}

/** What a settlement adds to what was known at the start. */
export type Settlement = Omit<LedgerRow, keyof Started | 'cost' | 'machine_cost'>;

/** The row of a request that is over, with its costs. */
export function settledRow(started: Started, settlement: Settlement): LedgerRow {
  const { input_price: input, cached_input_price: cachedInput, output_price: output } = started;
  const price =
    input === null || cachedInput === null || output === null ? null : { input, cachedInput, output };
  return {
    ...started,
    ...settlement,
    cost: tokenCost(countsOf(settlement), price),
    machine_cost: machineCost(settlement.engine_seconds, settlement.machine_price),
  };
}

/** The row of a request whose server died: its last known counts. */
export function interruptedRow(started: Started, progress: Progress | null, now: Date): LedgerRow {
  const counts = progress?.counts;
  return settledRow(started, {
    settled_at: now.toISOString(),
    deployment_id: progress?.deployment ?? null,
    route: [],
    status: 'interrupted',
    finish_reason: null,
    error_code: null,
    prompt_tokens: counts?.promptTokens ?? 0,
    cached_tokens: counts?.cachedTokens ?? 0,
    completion_tokens: counts?.completionTokens ?? 0,
    reasoning_tokens: counts?.reasoningTokens ?? 0,
    counts_from: 'stream',
    machine_price: progress?.machine_price ?? 0,
    engine_seconds: progress?.engine_seconds ?? 0,
    queue_ms: null,
    time_to_first_token_ms: null,
    duration_ms: progress?.after_ms ?? 0,
  });
}

/** The counts of a row. */
export function countsOf(
  row: Pick<LedgerRow, 'prompt_tokens' | 'cached_tokens' | 'completion_tokens' | 'reasoning_tokens'>,
): TokenCounts {
  return {
    promptTokens: row.prompt_tokens,
    cachedTokens: row.cached_tokens,
    completionTokens: row.completion_tokens,
    reasoningTokens: row.reasoning_tokens,
  };
}
