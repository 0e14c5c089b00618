import type { Meter } from '../ledger/metering.ts';

/**
 * Tells a meter that a deployment has the request, once it really has: a connection that was idle sends it after the turn of the event
 * loop that dispatches it (undici looks first whether it is still open), and what is done in that turn holds it up.
 */
export class DispatchNote {
  readonly #meter: Pick<Meter, 'dispatched'>;
  #deploymentId: string | null = null;

  constructor(meter: Pick<Meter, 'dispatched'>) {
    this.#meter = meter;
  }

  /** To be called when the request is dispatched. */
  later(deploymentId: string): void {
    this.now();
    this.#deploymentId = deploymentId;
    setImmediate(() => this.now());
  }

  /** Tells what was not told yet: before anything else is said of the request. */
  now(): void {
    const deploymentId = this.#deploymentId;
    this.#deploymentId = null;
    if (deploymentId !== null) this.#meter.dispatched(deploymentId);
  }
}
