import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerOptions } from './messages.ts';
import type { Finished, GeneratedToken, GenerationRequest } from './request.ts';
import { steadyMs } from './steady-clock.ts';

/** Told what becomes of one request, on the thread that submitted it. */
export interface GenerationListener {
  onToken(token: GeneratedToken): void;
  /** Called once, last. */
  onFinish(finished: Finished): void;
}

type Ready = Extract<FromWorker, { type: 'ready' }>;

/** The inference thread as other threads see it. */
export class Inference {
  readonly ready: Ready;
  readonly #worker: Worker;
  readonly #heartbeat: BigInt64Array;
  readonly #listeners = new Map<number, GenerationListener>();
  #nextId = 1;
  #running = 0;
  #queued = 0;

  private constructor(worker: Worker, heartbeat: BigInt64Array, ready: Ready) {
    this.ready = ready;
    this.#worker = worker;
    this.#heartbeat = heartbeat;
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'step') this.#deliver(message);
    });
  }

  /**
   * Loads the weights.
   * @param onFatal called when the thread dies later: the process should end, since native state is lost.
   * @throws Error when the weights cannot be loaded.
   */
  static async start(
    options: Omit<WorkerOptions, 'heartbeat'>,
    onFatal: (error: Error) => void,
  ): Promise<Inference> {
    const heartbeat = new BigInt64Array(new SharedArrayBuffer(8));
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { ...options, heartbeat } satisfies WorkerOptions,
    });
    const ready = await new Promise<Ready>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the inference thread ended with code ${code}`)));
      once(worker, 'message').then(([message]) => resolve(message as Ready), reject);
    });
    worker.once('error', onFatal);
    return new Inference(worker, heartbeat, ready);
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#queued;
  }

  /** Requests that have not finished. */
  get inFlight(): number {
    return this.#listeners.size;
  }

  /** Milliseconds since the current step began; 0 when idle. */
  get stepAgeMs(): number {
    const began = Number(Atomics.load(this.#heartbeat, 0));
    return began === 0 ? 0 : Math.max(0, Number(steadyMs()) - began);
  }

  /** @returns the request's id, by which it is cancelled. */
  submit(request: Omit<GenerationRequest, 'id'>, listener: GenerationListener): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#listeners.set(id, listener);
    this.#post({ type: 'submit', request: { ...request, id } });
    return id;
  }

  /** Stops a request; `onFinish` follows with what it used, unless it has finished already. */
  cancel(id: number): void {
    if (this.#listeners.has(id)) this.#post({ type: 'cancel', id });
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #deliver(step: Extract<FromWorker, { type: 'step' }>): void {
    this.#running = step.running;
    this.#queued = step.queued;
    for (const token of step.tokens) this.#listeners.get(token.id)?.onToken(token);
    for (const finished of step.finished) {
      const listener = this.#listeners.get(finished.id);
      this.#listeners.delete(finished.id);
      listener?.onFinish(finished);
    }
  }
}
