import { ApiError } from '@weai/protocol/errors';
import type { Meter, MeteredRequest, Metering, Outcome } from '../ledger/metering.ts';
import type { Flight, Metrics } from './metrics.ts';

/** Metering that is also seen in the metrics: refusals, what is in flight, and how each request ended. */
export class MeasuredMetering implements Metering {
  readonly #metering: Metering;
  readonly #metrics: Metrics;

  constructor(metering: Metering, metrics: Metrics) {
    this.#metering = metering;
    this.#metrics = metrics;
  }

  /** @throws ApiError whatever the metering behind it refuses with. */
  reserve(request: MeteredRequest): Meter | Promise<Meter> {
    const measured = (meter: Meter) => new MeasuredMeter(request.modelId, meter, this.#metrics);
    const refused = (error: unknown): never => {
      this.#metrics.refused(request.modelId, error instanceof ApiError ? error.code : 'internal_error');
      throw error;
    };
    try {
      const reserved = this.#metering.reserve(request);
      return reserved instanceof Promise ? reserved.then(measured, refused) : measured(reserved);
    } catch (error) {
      return refused(error);
    }
  }
}

class MeasuredMeter implements Meter {
  readonly #modelId: string;
  readonly #meter: Meter;
  readonly #metrics: Metrics;
  #deploymentId: string | null = null;
  #flight: Flight | null = null;
  #generatedTokens = 0;

  constructor(modelId: string, meter: Meter, metrics: Metrics) {
    this.#modelId = modelId;
    this.#meter = meter;
    this.#metrics = metrics;
  }

  get id(): string | null {
    return this.#meter.id;
  }

  dispatched(deploymentId: string): void {
    this.#flight?.land();
    this.#deploymentId = deploymentId;
    this.#flight = this.#metrics.dispatched(this.#modelId, deploymentId);
    this.#meter.dispatched(deploymentId);
  }

  progress(counts: Outcome['counts']): void {
    this.#generated(counts);
    this.#meter.progress(counts);
  }

  settle(outcome: Outcome): Promise<void> {
    this.#generated(outcome.counts);
    this.#flight?.land();
    // When the answer is sent: a client that then asks for the metrics is read in a later turn.
    setImmediate(() => {
      this.#metrics.settled(this.#modelId, outcome.deploymentId ?? this.#deploymentId, outcome);
    });
    return this.#meter.settle(outcome);
  }

  /** What has come since the last look. Only the engine's last count is exact: it may be less than what was seen. */
  #generated({ completionTokens }: Outcome['counts']): void {
    if (completionTokens <= this.#generatedTokens) return;
    this.#flight?.generated(completionTokens - this.#generatedTokens);
    this.#generatedTokens = completionTokens;
  }
}
