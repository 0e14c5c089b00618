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
/** A request that has nothing to tell yet is noted after this, and after as much again at the latest. */
const quietMs = progressMs / 8;

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
  readonly #quiet = new QuietRequests();

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
      new LedgerMeter(request, place, this.#dependencies, this.#quiet, listener);
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

/** Requests that an engine has, of which nothing came yet. They share a timer: most are further long before it ends, or over. */
class QuietRequests {
  readonly #requests = new OpenList<{ sinceMs: number; note: () => void }>();
  #timer: NodeJS.Timeout | undefined;
  #added = false;

  /** Has `note` called once, unless the place that this returns is removed before. */
  add(note: () => void): Place<unknown> {
    this.#added = true;
    this.#timer ??= setInterval(() => this.#look(), quietMs).unref();
    return this.#requests.add({ sinceMs: performance.now(), note });
  }

  #look(): void {
    const untilMs = performance.now() - quietMs;
    for (const place of this.#requests.places()) {
      if (place.value.sinceMs > untilMs) continue;
      place.remove();
      place.value.note();
    }
    if (this.#requests.size === 0 && !this.#added) {
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
  readonly #quiet: QuietRequests;
  #quietPlace: Place<unknown> | null = null;
  #notedTokens = 0;
  #notedMs = 0;

  constructor(
    request: MeteredRequest,
    open: OpenRequest,
    dependencies: LedgerDependencies,
    quiet: QuietRequests,
    listener: MeterListener | undefined,
  ) {
    this.#quiet = quiet;
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
    this.#quietPlace ??= this.#quiet.add(() => this.#note(nothing, performance.now()));
    this.#listener?.answering();
  }

  progress(counts: TokenCounts): void {
    const nowMs = performance.now();
    const isFirst = this.#notedTokens === 0 && counts.completionTokens > 0;
    const enough = counts.completionTokens - this.#notedTokens >= progressTokens;
    this.#quietPlace?.remove();
    if (isFirst || enough || nowMs - this.#notedMs >= progressMs) this.#note(this.#withPrompt(counts), nowMs);
  }

  settle(outcome: Outcome): Promise<void> {
    const { promptBytes: bytes, images, modelId } = this.#request;
    this.#quietPlace?.remove();
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

  #note(counts: TokenCounts, nowMs: number): void {
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
