import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { Logger } from '../log.ts';
import type { Journal } from './journal.ts';
import { checkLine, isSettlement, parseLine, settledValues } from './journal-line.ts';
import { Records } from './record.ts';
import { readLines, type Segment } from './segments.ts';
import { ensurePartition, insertRows, monthsAhead } from './table.ts';

export interface ShipperOptions {
  journal: Pick<Journal, 'segments' | 'remove' | 'bytes'>;
  directory: string;
  kysely: Kysely<Tables>;
  log: Logger;
  intervalMs?: number;
  batchRows?: number;
  now?: () => Date;
}

const longestPauseMs = 5000;
/** SQLSTATE classes that say a row can never be inserted: bad data, broken constraint. */
const hopeless = /^(22|23)/;

/** Brings settlements from the journal into the table, in batches, and removes the segments that are through. */
export class Shipper {
  readonly #options: Required<ShipperOptions>;
  readonly #shipped = new Map<number, number>();
  readonly #partitions = new Set<string>();
  readonly #records = new Records();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  /** Ends when nothing is being shipped: one at a time, so that nothing is sent or removed twice. */
  #shipping: Promise<void> = Promise.resolve();
  #stopped = true;
  #pauseMs: number;
  #failure: string | null = null;
  #rejected = 0;
  /** Whether the table may have rows that are shipped next: of a process before this one, or of an attempt that ended unknown. */
  #mayBeThere = true;

  constructor(options: ShipperOptions) {
    this.#options = { intervalMs: 500, batchRows: 1000, now: () => new Date(), ...options };
    this.#pauseMs = this.#options.intervalMs;
  }

  /** Why entries wait in the journal; null when they don't. */
  get problem(): string | null {
    if (this.#failure !== null) return `the database does not take the ledger's rows: ${this.#failure}`;
    return this.#rejected > 0 ? `${this.#rejected} rows do not fit the table: see rejected.jsonl` : null;
  }

  /** Bytes of the journal that the database has not taken yet. */
  get unshippedBytes(): number {
    return this.#options.journal.segments.reduce(
      (sum, { number, bytes }) => sum + bytes - (this.#shipped.get(number) ?? 0),
      0,
    );
  }

  start(): void {
    this.#stopped = false;
    this.#later();
  }

  /** Ships what is there, once more, and stops. What the database doesn't take stays in the journal. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    await this.#attempt();
  }

  /** Ships all that was settled before the call. Throws when the database doesn't take it. */
  async ship(): Promise<void> {
    await this.#shipAll();
  }

  #later(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#attempt().finally(() => {
        this.#running = null;
        this.#later();
      });
    }, this.#pauseMs);
    this.#timer.unref();
  }

  async #attempt(): Promise<void> {
    try {
      await this.#shipAll();
      if (this.#failure !== null) this.#options.log.info('the database takes the ledger again');
      this.#failure = null;
      this.#pauseMs = this.#options.intervalMs;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#failure === null) this.#options.log.warn({ reason }, 'the ledger waits in the journal');
      this.#failure = reason;
      this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
    }
  }

  async #shipAll(): Promise<void> {
    const before = this.#shipping;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#shipping = promise;
    await before;
    try {
      await this.#shipSegments();
      this.#mayBeThere = false;
    } catch (error) {
      this.#mayBeThere = true;
      throw error;
    } finally {
      resolve();
    }
  }

  async #shipSegments(): Promise<void> {
    const { journal, now } = this.#options;
    await this.#ensurePartitions(monthsAhead(now(), 2));
    const segments = [...journal.segments];
    for (const segment of segments) {
      const whole = segment !== journal.segments.at(-1);
      await this.#shipSegment(segment);
      if (whole) {
        journal.remove(segment);
        this.#shipped.delete(segment.number);
      }
    }
  }

  async #shipSegment(segment: Segment): Promise<void> {
    const start = this.#shipped.get(segment.number) ?? 0;
    await this.#shipRange(segment, start, segment.bytes, this.#records, this.#options.batchRows);
  }

  /** Ships the settlements between two offsets of a segment, so many at a time. */
  async #shipRange(
    segment: Segment,
    start: number,
    limit: number,
    records: Records,
    batchRows: number,
  ): Promise<void> {
    const months = new Set<string>();
    let from = start;
    let end = start;
    const insert = async (): Promise<void> => {
      if (records.count > 0) {
        await this.#ensurePartitions(months);
        const refusal = await this.#insert(records);
        // One bad row must not hold up all others.
        if (refusal !== null && batchRows > 1) await this.#shipRange(segment, from, end, new Records(), 1);
        else if (refusal !== null) await this.#putAside(segment, from, end, refusal);
      }
      records.clear();
      months.clear();
      this.#shipped.set(segment.number, end);
      from = end;
    };
    records.clear();
    for await (const read of readLines(segment.path, start, limit, isSettlement)) {
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

  /** Writes the settlement between two offsets of a segment to where an operator finds it. */
  async #putAside({ path }: Segment, start: number, end: number, { message: reason }: Error): Promise<void> {
    for await (const { lines } of readLines(path, start, end, isSettlement)) {
      for (const { bytes } of lines) {
        const entry = parseLine(bytes);
        if (entry === null) continue;
        const line = `${JSON.stringify(entry.value)}\n`;
        await appendFile(join(this.#options.directory, 'rejected.jsonl'), line, { mode: 0o600 });
        this.#rejected += 1;
        this.#options.log.error({ reason }, 'a row of the ledger was put aside');
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
