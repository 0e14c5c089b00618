import type { ChatRequest } from '@weai/protocol/chat-request';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { Identity } from '../http/authentication.ts';
import type { Logger } from '../log.ts';
import type { ContentPolicies } from './policies.ts';
import { Recording } from './recording.ts';
import { type ContentRow, insertContents } from './store.ts';

export interface RecorderOptions {
  kysely: Kysely<Tables>;
  policies: Pick<ContentPolicies, 'stores'>;
  log: Logger;
  intervalMs?: number;
  /** Bytes that may wait for the database; what comes then is not kept. */
  mostWaitingBytes?: number;
}

const batchRows = 50;
const batchBytes = 4 * 1024 * 1024;
const longestPauseMs = 10_000;
/** SQLSTATE classes that say a row can never be inserted: bad data, broken constraint. */
const hopeless = /^(22|23)/;

/**
 * Writes what was asked and answered into the database, after the fact and in batches: requests never wait for it. It is less than the
 * ledger: with the database away for long, or when the process is killed, contents are lost.
 */
export class ContentRecorder {
  readonly #options: Required<RecorderOptions>;
  #waiting: ContentRow[] = [];
  #waitingBytes = 0;
  /** Those that could not be kept since the database last took some. */
  #lost = 0;
  #failing = false;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<boolean> | null = null;
  #pauseMs: number;
  #stopped = false;

  constructor(options: RecorderOptions) {
    this.#options = { intervalMs: 200, mostWaitingBytes: 32 * 1024 * 1024, ...options };
    this.#pauseMs = this.#options.intervalMs;
  }

  /** Whether contents of the project are kept. */
  stores(projectId: string): boolean {
    return this.#options.policies.stores(projectId);
  }

  /** Takes down what a request asks, and later its answer; null when its project stores no content. */
  record(identity: Identity, request: ChatRequest): Recording | null {
    if (!this.stores(identity.projectId)) return null;
    return new Recording(identity.projectId, request, (row) => this.#keep(row));
  }

  /** What an operator should know; null when all is well. */
  get problem(): string | null {
    if (this.#lost > 0) return `the contents of ${this.#lost} requests could not be kept`;
    return this.#failing ? 'the database does not take the contents of requests' : null;
  }

  /** Writes what waits, as far as the database takes it, and stops. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    while (this.#waiting.length > 0) if (!(await this.#flush())) break;
    this.#lose(this.#waiting.length);
  }

  #keep(row: ContentRow): void {
    const bytes = Buffer.byteLength(row.json);
    if (this.#stopped || this.#waitingBytes + bytes > this.#options.mostWaitingBytes) return this.#lose(1);
    this.#waiting.push(row);
    this.#waitingBytes += bytes;
    this.#later();
  }

  #later(): void {
    if (this.#stopped || this.#timer !== undefined || this.#running !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#flush().finally(() => {
        this.#running = null;
        if (this.#waiting.length > 0) this.#later();
      });
    }, this.#pauseMs);
    this.#timer.unref();
  }

  /** Writes one batch; says whether the database took it. */
  async #flush(): Promise<boolean> {
    const batch = this.#nextBatch();
    try {
      await this.#insert(batch);
      this.#pauseMs = this.#waiting.length > batch.length ? 0 : this.#options.intervalMs;
    } catch (error) {
      if (!this.#failing)
        this.#options.log.warn({ reason: reasonOf(error) }, 'contents of requests wait for the database');
      this.#failing = true;
      this.#pauseMs = Math.min(longestPauseMs, Math.max(this.#options.intervalMs, this.#pauseMs) * 2);
      return false;
    }
    this.#failing = false;
    this.#lost = 0;
    this.#waiting.splice(0, batch.length);
    this.#waitingBytes -= sizeOf(batch);
    return true;
  }

  async #insert(batch: readonly ContentRow[]): Promise<void> {
    try {
      await insertContents(this.#options.kysely, batch);
    } catch (error) {
      if (!hopeless.test(error instanceof Error && 'code' in error ? String(error.code) : '')) throw error;
      if (batch.length === 1) {
        this.#options.log.error(
          { reason: reasonOf(error) },
          'the content of a request does not fit the database',
        );
        return;
      }
      for (const row of batch) await this.#insert([row]);
    }
  }

  #nextBatch(): ContentRow[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((row, index) => {
      bytes += row.json.length;
      return index >= batchRows || (index > 0 && bytes > batchBytes);
    });
    return end === -1 ? [...this.#waiting] : this.#waiting.slice(0, end);
  }

  #lose(count: number): void {
    if (count === 0) return;
    this.#lost += count;
    this.#options.log.warn({ requests: count }, 'contents of requests were not kept');
  }
}

function sizeOf(rows: readonly ContentRow[]): number {
  return rows.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
