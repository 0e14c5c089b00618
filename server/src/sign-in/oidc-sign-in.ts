import { ApiError } from '@weai/protocol/errors';
import type { Logger } from '../log.ts';
import type { Auth, ProviderAuth } from './auth.ts';

/** How long a person waits for the provider. */
const patienceMs = 5000;

/**
 * Sign-in through the OpenID provider, apart from all other sign-in: what waits for a provider that hangs must be nothing else. It is
 * opened when it is asked for first, so that a server starts without its provider.
 */
export class OidcSignIn implements Auth {
  readonly #open: () => ProviderAuth;
  readonly #name: string;
  readonly #log: Logger;
  readonly #patienceMs: number;
  #auth: ProviderAuth | null = null;

  /** @param name of the provider, for people. */
  constructor(options: { open: () => ProviderAuth; name: string; log: Logger; patienceMs?: number }) {
    this.#open = options.open;
    this.#name = options.name;
    this.#log = options.log;
    this.#patienceMs = options.patienceMs ?? patienceMs;
  }

  /** Throws ApiError sign_in_unavailable when the provider doesn't answer in time. */
  async handler(request: Request): Promise<Response> {
    this.#auth ??= this.#open();
    const auth = this.#auth;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      this.#log.warn({ part: 'sign-in' }, `${this.#name} did not answer in ${this.#patienceMs} ms`);
      reject(providerUnreachable(this.#name));
    }, this.#patienceMs);
    try {
      await Promise.race([auth.$context, late]).catch((error: unknown) => {
        // Who comes next asks again: a provider that is back must not be waited for because it was away.
        if (this.#auth === auth) this.#auth = null;
        throw error;
      });
      return await Promise.race([auth.handler(request), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What people are told; the reason is in the log. */
export function providerUnreachable(name: string): ApiError {
  return new ApiError(
    'sign_in_unavailable',
    `${name} cannot be reached right now: sign in with a password, or try again in a moment.`,
    { retryAfterSeconds: 10 },
  );
}
