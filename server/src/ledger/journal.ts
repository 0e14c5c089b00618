import { closeSync, fdatasync, openSync, unlinkSync, writeSync } from 'node:fs';
import { ApiError } from '@weai/protocol/errors';
import type { Logger } from '../log.ts';
import { OpenList, type Place } from '../open-list.ts';
import { type JournalEntry, LineBuffer } from './journal-line.ts';
import type { LedgerRow, Progress, Started } from './row.ts';
import { type Segment, segmentPath } from './segments.ts';

export interface JournalOptions {
  directory: string;
  log: Logger;
  /** Past this, requests are refused until the shipper has caught up. */
  maxBytes: number;
  segmentBytes?: number;
  /** How often the journal is put on the disk itself, against power loss. */
  syncIntervalMs?: number;
  /** How long a settlement waits for room on a full disk before its client is told. */
  patienceMs?: number;
  /** Replaced in tests, to fill the disk. */
  write?: (file: number, bytes: Buffer) => number;
}

/** A request that is started and not settled. */
export type OpenRequest = Place<{
  readonly started: Started;
  progress: Progress | null;
  /** Whether the progress is in no line yet. */
  unwritten: boolean;
}>;

interface Waiter {
  resolve: () => void;
  reject: (error: Error) => void;
}

/** An entry that is with the kernel already. */
const written = Promise.resolve();
/** Progress waits so long, at most: most requests are further by then, or over, and an end makes it worthless. */
const progressDelayMs = 50;
/** Bytes that every open request keeps free for its settlement. */
const settlementBytes = 1536;
const retryMs = 200;
/**
 * So many entries are written at once. Were all of a turn to wait for its end, the engine would have nothing to do while this
 * process works, and this process nothing while the engine does: 64 requests that go round together lost 5 %.
 */
const fullBatch = 8;

/**
 * The append-only record of what requests have used, in segments of a directory that one process owns. An entry is
 * with the kernel (write(2)) before `append` resolves, so it survives the death of the process; power loss may take
 * what is younger than the last sync. Up to eight that are appended in one turn of the event loop are one
 * write, and at once where nobody else could share it.
 */
export class Journal {
  readonly #options: Required<JournalOptions>;
  readonly #open = new OpenList<OpenRequest['value']>();
  #segments: Segment[];
  #current: Segment;
  #file: number;
  readonly #pending = new LineBuffer();
  /** What a failed write has left. */
  #unwritten: Buffer = Buffer.alloc(0);
  #waiters: Waiter[] = [];
  #scheduled = false;
  #failure: Error | null = null;
  #failingSinceMs = 0;
  #retry: NodeJS.Timeout | undefined;
  /** Requests whose progress was noted since it was last written; some may have ended. */
  #progressed: OpenRequest[] = [];
  #progressTimer: NodeJS.Timeout | undefined;
  #dirty = false;
  #syncing = false;
  readonly #syncTimer: NodeJS.Timeout;

  /** Begins a new segment after the ones that are there. Throws when it can't be made. */
  constructor(options: JournalOptions, existing: Segment[]) {
    this.#options = {
      segmentBytes: Math.min(8 * 1024 * 1024, Math.ceil(options.maxBytes / 4)),
      syncIntervalMs: 1000,
      patienceMs: 10_000,
      write: (file, bytes) => writeSync(file, bytes),
      ...options,
    };
    this.#segments = [...existing];
    const number = (existing.at(-1)?.number ?? 0) + 1;
    this.#current = { number, path: segmentPath(options.directory, number), bytes: 0 };
    this.#file = openSync(this.#current.path, 'ax', 0o600);
    this.#segments.push(this.#current);
    this.#syncTimer = setInterval(() => this.#sync(), this.#options.syncIntervalMs);
    this.#syncTimer.unref();
  }

  /** Whole entries in this many bytes are waiting for the shipper, or for requests that still run. */
  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Requests that are started and not settled. */
  get openRequests(): number {
    return this.#open.size;
  }

  /** Why no request can be taken; null when all is well. */
  get problem(): string | null {
    if (this.#failure !== null) return `the journal cannot be written: ${this.#failure.message}`;
    const room = this.#options.maxBytes - this.bytes - (this.#open.size + 1) * settlementBytes;
    return room < 0 ? 'the journal is full: the database has not taken its entries' : null;
  }

  /** What the shipper may read: every segment up to its last written byte; the last one still grows. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /**
   * Notes a request before it goes to an engine. Returns what the rest is noted for when the note is written: a promise of it only
   * where it waits for others.
   * @throws ApiError ledger_unavailable when the journal has no room or can't be written.
   */
  start(started: Started): OpenRequest | Promise<OpenRequest> {
    const { problem } = this;
    if (problem !== null) throw unavailable(problem);
    const open = this.#open.add({ started, progress: null, unwritten: false });
    const appended = this.#append({ kind: 'started', value: started });
    if (appended === written) return open;
    return appended.then(
      () => open,
      (error: unknown) => {
        open.remove();
        throw error;
      },
    );
  }

  /** Notes how far a request has come, a little later: together with others, and not at all where it ends before. */
  progress(open: OpenRequest, progress: Progress): void {
    const { value } = open;
    value.progress = progress;
    if (!value.unwritten) this.#progressed.push(open);
    value.unwritten = true;
    this.#progressTimer ??= setTimeout(() => {
      this.#progressTimer = undefined;
      this.#appendProgress();
      if (this.#pending.lines > 0) this.#schedule();
    }, progressDelayMs);
  }

  /**
   * Notes the end of a request; resolves when the note is written.
   * @param open null for one that a journal before this one has started.
   * @throws ApiError ledger_unavailable after a long wait for a full disk; the note is kept and written once there is room.
   */
  settle(open: OpenRequest | null, value: LedgerRow): Promise<void> {
    open?.remove();
    return this.#append({ kind: 'settled', value });
  }

  /** Deletes a segment whose settlements are all in the database. The one being written stays. */
  remove(segment: Segment): void {
    if (segment === this.#current) return;
    unlinkSync(segment.path);
    this.#segments = this.#segments.filter((each) => each !== segment);
  }

  /** Ends the current segment, so that it can be shipped whole and removed; open requests go over into the next. */
  rotate(): void {
    if (this.#unwritten.length > 0) throw new Error('a line of this segment is not whole yet');
    const number = this.#current.number + 1;
    const path = segmentPath(this.#options.directory, number);
    const file = openSync(path, 'ax', 0o600);
    const old = this.#file;
    fdatasync(old, (error) => {
      if (error) this.#options.log.error({ err: error }, 'a segment of the journal could not be synced');
      closeSync(old);
    });
    this.#current = { number, path, bytes: 0 };
    this.#file = file;
    this.#segments.push(this.#current);
    for (const { value: open } of this.#open.places()) {
      open.unwritten = false;
      this.#pending.add({ kind: 'started', value: open.started });
      if (open.progress !== null) this.#pending.add({ kind: 'progress', value: open.progress });
    }
    if (this.#pending.lines > 0) this.#schedule();
  }

  /** Writes what is left and closes the file. */
  close(): void {
    this.#appendProgress();
    this.#flush();
    clearInterval(this.#syncTimer);
    clearTimeout(this.#retry);
    clearTimeout(this.#progressTimer);
    closeSync(this.#file);
  }

  #appendProgress(): void {
    for (const { value, isOpen } of this.#progressed) {
      // What has ended is told by its settlement.
      if (!isOpen || !value.unwritten || value.progress === null) continue;
      this.#pending.add({ kind: 'progress', value: value.progress });
      value.unwritten = false;
    }
    this.#progressed = [];
  }

  /** `written` itself where nothing has to be waited for. */
  #append(entry: JournalEntry): Promise<void> {
    this.#pending.add(entry);
    // Waiting for others would cost a single request more than the write, and pays only where there are others.
    if (this.#open.size <= 1 && this.#failure === null && this.#flush()) return written;
    // oxlint-disable-next-line promise/avoid-new -- resolved by the write that it shares with others
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      if (this.#pending.lines >= fullBatch && this.#failure === null) this.#flush();
      else this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#failure !== null) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  /** Whether all that was appended is written. */
  #flush(): boolean {
    let bytes = this.#takePending();
    try {
      while (bytes.length > 0) {
        const length = this.#options.write(this.#file, bytes);
        this.#current.bytes += length;
        bytes = bytes.subarray(length);
      }
      this.#unwritten = bytes;
    } catch (error) {
      this.#unwritten = Buffer.from(bytes);
      this.#failed(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
    if (this.#failure !== null) this.#options.log.warn('the journal can be written again');
    this.#failure = null;
    this.#dirty = true;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { resolve } of waiters) resolve();
    if (this.#current.bytes >= this.#options.segmentBytes) this.#tryRotate();
    return true;
  }

  /** The bytes that are to be written now; good until an entry is appended. */
  #takePending(): Buffer {
    if (this.#pending.lines === 0) return this.#unwritten;
    const bytes = this.#pending.take();
    return this.#unwritten.length === 0 ? bytes : Buffer.concat([this.#unwritten, bytes]);
  }

  /** A disk too full for a new segment still may have room in the old one. */
  #tryRotate(): void {
    try {
      this.rotate();
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the journal could not begin a new segment');
    }
  }

  #failed(error: Error): void {
    if (this.#failure === null) {
      this.#failingSinceMs = performance.now();
      this.#options.log.error({ err: error }, 'the journal cannot be written: new requests are refused');
    }
    this.#failure = error;
    if (performance.now() - this.#failingSinceMs > this.#options.patienceMs) {
      const waiters = this.#waiters;
      this.#waiters = [];
      for (const { reject } of waiters) reject(unavailable(error));
    }
    this.#retry = setTimeout(() => this.#flush(), retryMs);
    this.#retry.unref();
  }

  #sync(): void {
    if (!this.#dirty || this.#syncing) return;
    this.#dirty = false;
    this.#syncing = true;
    const file = this.#file;
    fdatasync(file, (error) => {
      this.#syncing = false;
      if (error && file === this.#file) {
        this.#options.log.error({ err: error }, 'the journal could not be synced');
        this.#dirty = true;
      }
    });
  }
}

function unavailable(cause: unknown): ApiError {
  return new ApiError(
    'ledger_unavailable',
    'This server cannot record usage right now, so it takes no requests. Try again shortly.',
    { retryAfterSeconds: 1, cause },
  );
}
