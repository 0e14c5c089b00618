import { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';

/** Lets a server end without cutting off what it is doing. */
export class Drain {
  #draining = false;
  #running = 0;
  #whenIdle: (() => void) | null = null;

  get draining(): boolean {
    return this.#draining;
  }

  /** Requests whose answer has not been sent in full. */
  get running(): number {
    return this.#running;
  }

  /** Counts requests, and refuses them once draining has begun. Mount it before anything else. */
  mount(app: FastifyInstance): void {
    app.addHook('onRequest', (_request, reply, done) => {
      if (this.#draining) {
        void reply.header('connection', 'close');
        done(
          new ApiError('server_draining', 'This server is shutting down: try again.', {
            retryAfterSeconds: 1,
          }),
        );
        return;
      }
      this.#running += 1;
      reply.raw.once('close', () => {
        this.#running -= 1;
        if (this.#running === 0) this.#whenIdle?.();
      });
      done();
    });
  }

  /**
   * Stops accepting connections, answers new requests on open ones with 503, and waits until the running requests
   * have ended, `timeoutMs` at most. Returns how many had not ended by then; their connections are cut.
   */
  async finish(app: FastifyInstance, timeoutMs: number): Promise<number> {
    this.#draining = true;
    // Node's own `http.Server.close` also drops idle connections, on which a request may be under way already.
    Server.prototype.close.call(app.server);
    const idle = new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
      if (this.#running === 0) resolve();
    });
    const timeout = new AbortController();
    await Promise.race([
      idle,
      sleep(timeoutMs, undefined, { signal: timeout.signal }).catch(() => undefined),
    ]);
    timeout.abort();
    const unfinished = this.#running;
    app.server.closeAllConnections();
    return unfinished;
  }
}
