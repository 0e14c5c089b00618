import type { Logger } from '../log.ts';
import type { Delivery } from './delivery.ts';
import type { Journal } from './journal.ts';
import type { Segment } from './segments.ts';

export interface ShipperOptions {
  journal: Pick<Journal, 'segments' | 'remove'>;
  delivery: Pick<Delivery, 'deliver'>;
  log: Logger;
  intervalMs?: number;
}

const longestPauseMs = 5000;

/** Has settlements brought from the journal into the table, and removes the segments that are through. */
export class Shipper {
  readonly #options: Required<ShipperOptions>;
  /** By number of a segment: up to where the table has it. */
  readonly #shipped = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  /** Ends when nothing is being shipped: one at a time, so that nothing is sent or removed twice. */
  #shipping: Promise<void> = Promise.resolve();
  #stopped = true;
  #pauseMs: number;
  #failure: string | null = null;
  #rejected = 0;

  constructor(options: ShipperOptions) {
    this.#options = { intervalMs: 500, ...options };
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
    } finally {
      resolve();
    }
  }

  async #shipSegments(): Promise<void> {
    const { journal } = this.#options;
    // What is begun meanwhile comes next time.
    const segments = [...journal.segments];
    for (const segment of segments) {
      const isWhole = segment !== journal.segments.at(-1);
      await this.#shipSegment(segment);
      if (isWhole) {
        journal.remove(segment);
        this.#shipped.delete(segment.number);
      }
    }
  }

  async #shipSegment({ number, path, bytes }: Segment): Promise<void> {
    const { delivery, log } = this.#options;
    const from = this.#shipped.get(number) ?? 0;
    if (from === bytes) return;
    const { end, rejected, failure } = await delivery.deliver({ path, from, to: bytes });
    this.#shipped.set(number, end);
    this.#rejected += rejected.length;
    for (const reason of rejected) log.error({ reason }, 'a row of the ledger was put aside');
    if (failure !== null) throw new Error(failure);
  }
}
