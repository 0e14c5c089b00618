import { ApiError } from '@weai/protocol/errors';

/**
 * Lets so many pieces of work run at once, and the others wait in order. Hashing a password takes a core for a while, a thread that
 * files need too and, where an account is made, a connection of the database: a rush of people must leave most of these to others.
 */
export class Turns {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor({ atOnce, mostWaiting }: { atOnce: number; mostWaiting: number }) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** Throws ApiError rate_limit_exceeded at once when too many wait, and what `work` throws. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#atOnce) this.#running += 1;
    else if (this.#waiting.length < this.#mostWaiting) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    } else {
      throw new ApiError('rate_limit_exceeded', 'Too many people sign in right now: try again in a moment.', {
        retryAfterSeconds: 5,
      });
    }
    try {
      return await work();
    } finally {
      // The turn is handed on, so that nobody who comes now overtakes.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
