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

/** What is known of a request before it reaches an engine. */
export type Started = Pick<LedgerRow, (typeof startedColumns)[number]>;

export const startedColumns = [
  'id',
  'started_at',
  'request_id',
  'organization_id',
  'project_id',
  'key_id',
  'model_requested',
  'model',
  'input_price',
  'cached_input_price',
  'output_price',
] as const satisfies readonly (keyof LedgerTable)[];

/** Values with the names of their columns. */
export function namedValues<Column extends keyof LedgerRow>(
  columns: readonly Column[],
  values: RowValues,
): Partial<Record<Column, RowValues[number]>>;
export function namedValues(columns: readonly string[], values: RowValues): object {
  return Object.fromEntries(columns.map((column, at) => [column, values[at]]));
}

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
  // Each by its name: spreading two objects into one looks up every name, three times as long as this takes.
  return {
    id: started.id,
    started_at: started.started_at,
    settled_at: settlement.settled_at,
    request_id: started.request_id,
    organization_id: started.organization_id,
    project_id: started.project_id,
    key_id: started.key_id,
    model_requested: started.model_requested,
    model: started.model,
    deployment_id: settlement.deployment_id,
    route: settlement.route,
    status: settlement.status,
    finish_reason: settlement.finish_reason,
    error_code: settlement.error_code,
    prompt_tokens: settlement.prompt_tokens,
    cached_tokens: settlement.cached_tokens,
    completion_tokens: settlement.completion_tokens,
    reasoning_tokens: settlement.reasoning_tokens,
    counts_from: settlement.counts_from,
    input_price: input,
    cached_input_price: cachedInput,
    output_price: output,
    cost: tokenCost(countsOf(settlement), price),
    machine_price: settlement.machine_price,
    machine_cost: machineCost(settlement.engine_seconds, settlement.machine_price),
    engine_seconds: settlement.engine_seconds,
    queue_ms: settlement.queue_ms,
    time_to_first_token_ms: settlement.time_to_first_token_ms,
    duration_ms: settlement.duration_ms,
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
