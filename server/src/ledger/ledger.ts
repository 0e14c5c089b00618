import { randomFillSync } from 'node:crypto';
import { OpenList, type Place } from '../open-list.ts';
import type { EngineTime } from './engine-time.ts';
import { isoTime } from './iso-time.ts';
import type { Journal, OpenRequest } from './journal.ts';
import type { Meter, MeteredRequest, Outcome } from './metering.ts';
import type { PromptEstimate } from './prompt-estimate.ts';
import type { PriceList, TokenCounts } from './prices.ts';
import { type LedgerRow, settledRow, type Started } from './row.ts';

/** What is noted at the latest after so many tokens, or so long. */
const progressTokens = 64;
const progressMs = 1000;
/** How often requests look how far they have come: what was not noted yet, or without a token, is after this and as much again. */
const lookMs = progressMs / 8;

const nothing: TokenCounts = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 };

export interface LedgerDependencies {
  journal: Pick<Journal, 'start' | 'progress' | 'settle'>;
  prices: PriceList;
  engineTime: EngineTime;
  estimate: PromptEstimate;
  /** Is told every row when its request is over, as `MeterListener.settled` is. */
  onSettled?: (row: LedgerRow) => void;
}

/** Who is told what becomes of one request. */
export interface MeterListener {
  /** Its answer is next: a deployment has it, or it is over. Called for each of them. */
  answering(): void;
  /** It is over; the turn of the event loop in which it ended is too. */
  settled(row: LedgerRow): void;
}

/** Meters requests into the journal: one row for each, whatever becomes of it. */
export class Ledger {
  readonly #dependencies: LedgerDependencies;
  readonly #running = new RunningMeters();

  constructor(dependencies: LedgerDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * A promise only where the journal's note waits for others.
   * @throws ApiError ledger_unavailable when the journal can't take the request.
   */
  reserve(request: MeteredRequest, listener?: MeterListener): Meter | Promise<Meter> {
    const { journal, prices } = this.#dependencies;
    const price = prices.tokenPrice(request.modelId);
    const started: Started = {
      id: newRowId(),
      started_at: isoTime(Date.now()),
      request_id: request.requestId,
      organization_id: request.identity.organizationId,
      project_id: request.identity.projectId,
      key_id: request.identity.keyId,
      model_requested: request.modelRequested,
      model: request.modelId,
      input_price: price?.input ?? null,
      cached_input_price: price?.cachedInput ?? null,
      output_price: price?.output ?? null,
    };
    const meterOf = (place: OpenRequest) =>
      new LedgerMeter(request, place, this.#dependencies, this.#running, listener);
    const open = journal.start(started);
    return open instanceof Promise ? open.then(meterOf) : meterOf(open);
  }
}

const randomBytes = 9;
/** Random bytes in stock: the system takes longer to give so few than the rest of a row does. */
const stock = Buffer.alloc(randomBytes * 256);
let used = stock.length;

/**
 * Eight characters of the time and twelve at random. In the order of time, so that new rows meet in the same pages of the primary
 * key's index: with random ids each one would read, and after a checkpoint log, a page of its own.
 */
function newRowId(): string {
  if (used === stock.length) {
    randomFillSync(stock);
    used = 0;
  }
  const start = used;
  used += randomBytes;
  return Date.now().toString(36) + stock.toString('base64url', start, used);
}

/** Meters of requests that an engine has. They share a timer, since most requests are over before one of their own would end. */
class RunningMeters {
  readonly #meters = new OpenList<LedgerMeter>();
  #timer: NodeJS.Timeout | undefined;
  #added = false;

  /** Has the meter look how far it has come, again and again until the place that this returns is removed. */
  add(meter: LedgerMeter): Place<unknown> {
    this.#added = true;
    this.#timer ??= setInterval(() => this.#look(), lookMs).unref();
    return this.#meters.add(meter);
  }

  #look(): void {
    const nowMs = performance.now();
    for (const { value } of this.#meters.places()) value.look(nowMs);
    if (this.#meters.size === 0 && !this.#added) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.#added = false;
  }
}

class LedgerMeter implements Meter {
  readonly #request: MeteredRequest;
  readonly #open: OpenRequest;
  readonly #dependencies: LedgerDependencies;
  readonly #listener: MeterListener | undefined;
  readonly #startMs = performance.now();
  #deploymentId: string | null = null;
  #machinePrice = 0;
  #share: ReturnType<EngineTime['begin']> | null = null;
  readonly #running: RunningMeters;
  #place: Place<unknown> | null = null;
  #counts = nothing;
  #isNoted = false;
  #notedTokens = 0;
  #notedMs = 0;

  constructor(
    request: MeteredRequest,
    open: OpenRequest,
    dependencies: LedgerDependencies,
    running: RunningMeters,
    listener: MeterListener | undefined,
  ) {
    this.#running = running;
    this.#listener = listener;
    this.#request = request;
    this.#open = open;
    this.#dependencies = dependencies;
  }

  get id(): string {
    return this.#open.value.started.id;
  }

  dispatched(deploymentId: string): void {
    this.#share?.end();
    this.#deploymentId = deploymentId;
    this.#machinePrice = this.#dependencies.prices.machinePrice(deploymentId);
    this.#share = this.#dependencies.engineTime.begin(deploymentId);
    if (this.#place === null) {
      this.#notedMs = performance.now();
      this.#place = this.#running.add(this);
    }
    this.#listener?.answering();
  }

  progress(counts: TokenCounts): void {
    this.#counts = counts;
    if (counts.completionTokens - this.#notedTokens >= progressTokens) this.#note(performance.now());
  }

  /** Notes how far the request has come when it is time to. */
  look(nowMs: number): void {
    const isNews = !this.#isNoted || (this.#notedTokens === 0 && this.#counts.completionTokens > 0);
    if (nowMs - this.#notedMs >= (isNews ? lookMs : progressMs)) this.#note(nowMs);
  }

  settle(outcome: Outcome): Promise<void> {
    const { promptBytes: bytes, images, modelId } = this.#request;
    this.#place?.remove();
    const counts = outcome.deploymentId === null ? outcome.counts : this.#withPrompt(outcome.counts);
    if (outcome.countsFrom === 'engine')
      this.#dependencies.estimate.learn(modelId, { bytes, images }, counts.promptTokens);
    const row = settledRow(this.#open.value.started, {
      settled_at: isoTime(Date.now()),
      deployment_id: outcome.deploymentId ?? this.#deploymentId,
      route: outcome.failedAttempts,
      status: outcome.status === 'completed' && outcome.finishReason === 'length' ? 'length' : outcome.status,
      finish_reason: outcome.finishReason,
      error_code: outcome.error?.code ?? (outcome.status === 'failed' ? 'internal_error' : null),
      prompt_tokens: counts.promptTokens,
      cached_tokens: counts.cachedTokens,
      completion_tokens: counts.completionTokens,
      reasoning_tokens: counts.reasoningTokens,
      counts_from: outcome.countsFrom,
      machine_price: this.#machinePrice,
      engine_seconds: this.#share?.end() ?? 0,
      queue_ms: outcome.queueMs,
      time_to_first_token_ms: outcome.timeToFirstTokenMs,
      duration_ms: Math.round(outcome.durationMs),
    });
    this.#listener?.answering();
    // When this turn has sent what it can, and before the next one reads what clients ask then.
    setImmediate(() => {
      this.#listener?.settled(row);
      this.#dependencies.onSettled?.(row);
    });
    return this.#dependencies.journal.settle(this.#open, row);
  }

  /** An engine that answers has read the prompt, also when it didn't say how long it was. */
  #withPrompt(counts: TokenCounts): TokenCounts {
    if (counts.promptTokens > 0) return counts;
    const { promptBytes: bytes, images, modelId } = this.#request;
    return { ...counts, promptTokens: this.#dependencies.estimate.expected(modelId, { bytes, images }) };
  }

  #note(nowMs: number): void {
    const counts = this.#counts === nothing ? nothing : this.#withPrompt(this.#counts);
    this.#isNoted = true;
    this.#notedTokens = counts.completionTokens;
    this.#notedMs = nowMs;
    this.#dependencies.journal.progress(this.#open, {
      id: this.id,
      deployment: this.#deploymentId,
      machine_price: this.#machinePrice,
      engine_seconds: this.#share?.seconds() ?? 0,
      after_ms: Math.round(nowMs - this.#startMs),
      counts: { ...counts },
    });
  }
}
