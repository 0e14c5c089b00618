import type { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { OpenList } from '../open-list.ts';
import { ClientDisconnected } from './sse.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the request is counted as running. */
    cancellation: AbortController | null;
  }
}

/** The requests whose answer has not been sent in full, and the way to end them before it is. */
export class RunningRequests {
  readonly #running = new OpenList<FastifyRequest>();
  #whenIdle: (() => void) | null = null;

  get size(): number {
    return this.#running.size;
  }

  /** Counts every request from here on. Mount it before authentication, so that no request is in between. */
  mount(app: FastifyInstance): void {
    app.decorateRequest('cancellation', null);
    app.addHook('onRequest', (request, reply, done) => {
      const cancellation = new AbortController();
      request.cancellation = cancellation;
      const place = this.#running.add(request);
      reply.raw.once('close', () => {
        place.remove();
        if (!reply.raw.writableFinished) {
          cancellation.abort(new ClientDisconnected('the client closed the connection'));
        }
        if (this.#running.size === 0) this.#whenIdle?.();
      });
      done();
    });
  }

  /** Lets those requests end now, and answer with this error if they still can. */
  end(error: ApiError, which: (request: FastifyRequest) => boolean = () => true): void {
    this.endEach((request) => (which(request) ? error : null));
  }

  /** The same, each with an error of its own; those without one go on. */
  endEach(errorOf: (request: FastifyRequest) => ApiError | null): void {
    for (const { value: request } of this.#running.places()) {
      const error = errorOf(request);
      if (error !== null) request.cancellation?.abort(error);
    }
  }

  /** Resolves when no request runs, after `timeoutMs` at the latest. */
  async idle(timeoutMs: number): Promise<void> {
    if (this.#running.size === 0) return;
    // oxlint-disable-next-line promise/avoid-new -- the other side is an event emitter
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#whenIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Aborts with a `ClientDisconnected` when the client has gone, with an ApiError when the request has to end early. */
export function cancellationOf(request: FastifyRequest): AbortSignal {
  if (request.cancellation === null) throw new Error('the request is not counted as running');
  return request.cancellation.signal;
}
