import { Worker } from 'node:worker_threads';
import type { BackgroundConnection } from '../db/background.ts';
import type { Logger } from '../log.ts';
import type { Delivered, SegmentRange } from './delivery.ts';

/** What the thread is made with. */
export interface DeliveryThreadData {
  directory: string;
  background: BackgroundConnection;
}

/** What the thread tells: that a range is done, or what an operator may want to know. */
export type DeliveryMessage = { delivered: Delivered } | { trouble: string };

/**
 * `Delivery` on a thread of its own: half a second's rows take some milliseconds to read, make and send, and no request should wait
 * for that. Where the thread ends by itself, the next range gets another one.
 */
export class DeliveryThread {
  readonly #data: DeliveryThreadData;
  readonly #log: Logger;
  #worker: Worker | null = null;
  #waiting: PromiseWithResolvers<Delivered> | null = null;

  constructor(data: DeliveryThreadData, log: Logger) {
    this.#data = data;
    this.#log = log;
  }

  /** As `Delivery` does; rejects with what ended the thread. */
  deliver(range: SegmentRange): Promise<Delivered> {
    if (this.#waiting !== null) throw new Error('one range is delivered at a time');
    const worker = (this.#worker ??= this.#start());
    const waiting = Promise.withResolvers<Delivered>();
    this.#waiting = waiting;
    // Alive for this long only.
    worker.ref();
    worker.postMessage(range);
    return waiting.promise;
  }

  /** Closes the thread's connection and ends it. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    if (worker === null) return;
    worker.ref();
    const ended = Promise.withResolvers<void>();
    worker.once('exit', () => ended.resolve());
    worker.postMessage(null);
    await ended.promise;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./delivery-worker.ts', import.meta.url), {
      workerData: this.#data,
      // Its rows are bytes outside of the heap. As much as the server has for new objects would be a fifth more memory for nothing.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    worker.on('message', (message: DeliveryMessage) => this.#take(worker, message));
    worker.on('error', (error) => this.#fail(worker, error));
    worker.on('exit', () => this.#fail(worker, new Error('the thread that delivers the ledger ended')));
    return worker;
  }

  #take(worker: Worker, message: DeliveryMessage): void {
    if ('trouble' in message) {
      this.#log.debug({ reason: message.trouble }, 'the connection of the ledger');
      return;
    }
    worker.unref();
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(message.delivered);
  }

  #fail(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(error);
  }
}
