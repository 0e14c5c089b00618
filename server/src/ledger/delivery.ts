import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import { checkLine, isSettlement, parseLine, settledValues } from './journal-line.ts';
import { Records } from './record.ts';
import { readLines } from './segments.ts';
import { ensurePartition, insertRows, monthsAhead } from './table.ts';

export interface DeliveryOptions {
  kysely: Kysely<Tables>;
  /** Of the journal: what can never be inserted is put there. */
  directory: string;
  batchRows?: number;
}

/** A part of a segment of the journal, in bytes from its start. */
export interface SegmentRange {
  path: string;
  from: number;
  to: number;
}

export interface Delivered {
  /** The offset up to which the table has what the segment says: less than was asked for where the last line isn't whole. */
  end: number;
  /** Why rows were put aside, one reason each. */
  rejected: string[];
  /** Why not all was delivered; null when it was. */
  failure: string | null;
}

/** SQLSTATE classes that say a row can never be inserted: bad data, broken constraint. */
const hopeless = /^(22|23)/;

/** Brings settlements from segments of the journal into the table, in batches. One range at a time. */
export class Delivery {
  readonly #options: Required<DeliveryOptions>;
  readonly #partitions = new Set<string>();
  readonly #records = new Records();
  /** Whether the table may have rows that come next: of a process before this one, or of an attempt that ended unknown. */
  #mayBeThere = true;

  constructor(options: DeliveryOptions) {
    this.#options = { batchRows: 1000, ...options };
  }

  /** Never rejects: what went wrong is in `failure`, beside what went well before. */
  async deliver(range: SegmentRange): Promise<Delivered> {
    const delivered: Delivered = { end: range.from, rejected: [], failure: null };
    try {
      await this.#ensurePartitions(monthsAhead(new Date(), 2));
      await this.#deliver(range, delivered, this.#records, this.#options.batchRows);
      this.#mayBeThere = false;
    } catch (error) {
      this.#mayBeThere = true;
      const message = error instanceof Error ? error.message : String(error);
      // A connection refused on each of a name's addresses has no message of its own.
      delivered.failure = message === '' ? 'it cannot be reached' : message;
    }
    return delivered;
  }

  async #deliver(
    { path, from, to }: SegmentRange,
    delivered: Delivered,
    records: Records,
    batchRows: number,
  ): Promise<void> {
    const months = new Set<string>();
    let start = from;
    let end = from;
    const insert = async (): Promise<void> => {
      if (records.count > 0) {
        await this.#ensurePartitions(months);
        const refusal = await this.#insert(records);
        const range = { path, from: start, to: end };
        // One bad row must not hold up all others.
        if (refusal !== null && batchRows > 1) await this.#deliver(range, delivered, new Records(), 1);
        else if (refusal !== null) await this.#putAside(range, delivered, refusal);
      }
      records.clear();
      months.clear();
      delivered.end = end;
      start = end;
    };
    records.clear();
    for await (const read of readLines(path, from, to, isSettlement)) {
      for (const line of read.lines) {
        const entry = checkLine(line.bytes);
        end = line.end;
        if (entry?.kind !== 'settled') continue;
        const values = settledValues(entry.json);
        records.add(values);
        months.add(startedMonth(values));
        if (records.count >= batchRows) await insert();
      }
      end = read.end;
    }
    await insert();
  }

  /** Null, or why one of the rows can never be inserted: then none was. */
  async #insert(records: Records): Promise<Error | null> {
    try {
      await insertRows(this.#options.kysely, records, this.#mayBeThere);
      return null;
    } catch (error) {
      if (!(error instanceof Error) || !hopeless.test(sqlState(error))) throw error;
      if (this.#mayBeThere) return error;
      this.#mayBeThere = true;
      return this.#insert(records);
    }
  }

  /** Writes the settlements of a range to where an operator finds them. */
  async #putAside(
    { path, from, to }: SegmentRange,
    { rejected }: Delivered,
    { message }: Error,
  ): Promise<void> {
    for await (const { lines } of readLines(path, from, to, isSettlement)) {
      for (const { bytes } of lines) {
        const entry = parseLine(bytes);
        if (entry === null) continue;
        const line = `${JSON.stringify(entry.value)}\n`;
        await appendFile(join(this.#options.directory, 'rejected.jsonl'), line, { mode: 0o600 });
        rejected.push(message);
      }
    }
  }

  async #ensurePartitions(months: Iterable<string>): Promise<void> {
    for (const month of months) {
      if (this.#partitions.has(month)) continue;
      await ensurePartition(this.#options.kysely, month);
      this.#partitions.add(month);
    }
  }
}

/** The month that a row belongs to, as in `2026-11`, from JSON of its values. */
function startedMonth(values: Buffer): string {
  // The second value is when it was started; the first, an id of ours, has no comma.
  const time = values.indexOf(0x2c) + 2;
  return values.toString('latin1', time, time + 'YYYY-MM'.length);
}

function sqlState(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
