import { Worker } from 'node:worker_threads';
import { ApiError, type ErrorCode } from '@weai/protocol/errors';

/** The memory of the largest bodies goes with the thread. */
const idleMs = 10_000;

export interface Job {
  id: number;
  bytes: Uint8Array;
}

export interface JobResult {
  id: number;
  value?: unknown;
  /** What an ApiError is made of. */
  refusal?: { code: ErrorCode; message: string; param: string | null };
}

/** Parses JSON on a thread of its own, one text after the other, while everything else goes on. The thread runs while there is work. */
export class JsonThread {
  #worker: Worker | null = null;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;
  #idle: NodeJS.Timeout | undefined;

  /** What `parseJson` gives. The bytes are gone afterwards. Rejects with its ApiError, or with what ended the thread. */
  parse(bytes: Buffer): Promise<unknown> {
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#lastId;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    const { buffer } = bytes;
    const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
    worker.postMessage({ id, bytes } satisfies Job, isWhole ? [buffer] : []);
    return waiting.promise;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./json-worker.ts', import.meta.url));
    worker.unref();
    worker.on('message', (result: JobResult) => this.#take(result));
    worker.on('error', (error) => this.#fail(worker, error));
    worker.on('exit', () => this.#fail(worker, new Error('the thread that parses large bodies ended')));
    return worker;
  }

  #take({ id, value, refusal }: JobResult): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (refusal === undefined) waiting?.resolve(value);
    else waiting?.reject(new ApiError(refusal.code, refusal.message, { param: refusal.param }));
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => this.#stop(), idleMs).unref();
  }

  #stop(): void {
    const worker = this.#worker;
    this.#worker = null;
    void worker?.terminate();
  }

  #fail(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const each of waiting) each.reject(error);
  }
}
