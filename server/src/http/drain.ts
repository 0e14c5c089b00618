import { Server } from 'node:net';
import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';
import type { RunningRequests } from './running-requests.ts';

/** For the error that requests are ended with to reach their clients. */
const lastWordsMs = 500;

/** Lets a server end without cutting off what it is doing. */
export class Drain {
  readonly #running: RunningRequests;
  #draining = false;

  constructor(running: RunningRequests) {
    this.#running = running;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Refuses requests once draining has begun. Mount it before they are counted as running. */
  mount(app: FastifyInstance): void {
    app.addHook('onRequest', (_request, reply, done) => {
      if (!this.#draining) {
        done();
        return;
      }
      void reply.header('connection', 'close');
      done(drainingError());
    });
  }

  /**
   * Stops accepting connections, answers new requests on open ones with 503, and waits until the running requests
   * have ended, `timeoutMs` at most. Returns how many had not ended by then; they get an error, and their connections
   * are cut.
   */
  async finish(app: FastifyInstance, timeoutMs: number): Promise<number> {
    this.#draining = true;
    // Node's own `http.Server.close` also drops idle connections, on which a request may be under way already.
    Server.prototype.close.call(app.server);
    await this.#running.idle(timeoutMs);
    const unfinished = this.#running.size;
    this.#running.end(drainingError());
    await this.#running.idle(lastWordsMs);
    app.server.closeAllConnections();
    return unfinished;
  }
}

function drainingError(): ApiError {
  return new ApiError('server_draining', 'This server is shutting down: try again.', {
    retryAfterSeconds: 1,
  });
}
