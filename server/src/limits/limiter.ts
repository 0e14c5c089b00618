import { ApiError } from '@weai/protocol/errors';
import { periodsAt, periodsOf } from '../ledger/iso-time.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Meter, MeteredRequest, Metering } from '../ledger/metering.ts';
import type { PriceList } from '../ledger/prices.ts';
import { tokenCost } from '../ledger/prices.ts';
import type { PromptEstimate } from '../ledger/prompt-estimate.ts';
import type { LedgerRow } from '../ledger/row.ts';
import { refusalError, setRateHeaders } from './answer.ts';
import type { Counters, Decision, Reservation } from './counters.ts';
import { type LimitBook, subjectKeys, whoMayNotUse } from './limit-book.ts';
import type { LimitedSubject } from './limits.ts';

/** What a request without a limit may generate at most, where the model's room isn't known. */
const mostOutput = 32_768;
/** How much of tokens per minute such a request holds at most: it is corrected when it ends. */
const unlimitedShare = 1 / 8;
const firstOutputGuess = 512;

export interface LimiterDependencies {
  ledger: Pick<Ledger, 'reserve'>;
  book: Pick<LimitBook, 'of'>;
  counters: Counters;
  prices: Pick<PriceList, 'tokenPrice'>;
  estimate: PromptEstimate;
}

/** Lets requests through within the limits of their key, project and organization, and meters those. */
export class Limiter implements Metering {
  readonly #dependencies: LimiterDependencies;
  readonly #outputs = new Map<string, number>();

  constructor(dependencies: LimiterDependencies) {
    this.#dependencies = dependencies;
  }

  /** @throws ApiError model_not_found, rate_limit_exceeded, insufficient_quota or ledger_unavailable, or rejects with it. */
  reserve(request: MeteredRequest): Meter | Promise<Meter> {
    const subjects = this.#dependencies.book.of(request.identity);
    if (subjects.length === 0) return this.#meter(request, null);
    const claimed = this.#claim(request, subjects);
    if (!(claimed instanceof Promise)) return this.#meter(request, granted(claimed, request));
    return claimed.then((decision) => this.#meter(request, granted(decision, request)));
  }

  #meter(request: MeteredRequest, decision: Decision | null): Meter | Promise<Meter> {
    const reservation = decision?.reservation ?? null;
    let unshown = decision;
    const showRates = (): void => {
      if (unshown !== null) setRateHeaders(unshown, request.setHeader);
      unshown = null;
    };
    const giveUp = (error: unknown): never => {
      showRates();
      reservation?.settle({ tokens: 0, nanos: 0 });
      throw error;
    };
    try {
      const meter = this.#dependencies.ledger.reserve(request, {
        // Once the engine has the request, it hides what this takes.
        answering: showRates,
        settled: (row) => this.#settled(request, row, reservation),
      });
      return meter instanceof Promise ? meter.catch(giveUp) : meter;
    } catch (error) {
      return giveUp(error);
    }
  }

  #claim(request: MeteredRequest, subjects: readonly LimitedSubject[]): Decision | Promise<Decision> {
    checkModel(request, subjects);
    const { day, month } = periodsAt(Date.now());
    return this.#dependencies.counters.claim({
      subjects,
      tokens: this.#tokens(request, subjects),
      nanos: this.#nanos(request),
      day,
      month,
    });
  }

  #settled(request: MeteredRequest, row: LedgerRow, reservation: Reservation | null): void {
    const { day, month } = periodsOf(row.started_at);
    // Spent before it is no longer held: in between a budget must not look larger than it is.
    this.#dependencies.counters.spend(subjectKeys(request.identity), day, month, row.cost);
    reservation?.settle({ tokens: row.prompt_tokens + row.completion_tokens, nanos: row.cost });
    const known = this.#outputs.get(row.model) ?? row.completion_tokens;
    this.#outputs.set(row.model, known + 0.1 * (row.completion_tokens - known));
  }

  /** The likely prompt and the output cap; without a cap, twice what such requests have generated lately. */
  #tokens(request: MeteredRequest, subjects: readonly LimitedSubject[]): number {
    const { promptBytes: bytes, images, modelId, choices, completionTokenLimit } = request;
    const prompt = this.#dependencies.estimate.expected(modelId, { bytes, images });
    if (completionTokenLimit !== null) return prompt + choices * completionTokenLimit;
    const least = Math.min(...subjects.map(({ limits }) => limits.tokensPerMinute ?? Infinity));
    const guess = 2 * (this.#outputs.get(modelId) ?? firstOutputGuess);
    return prompt + Math.ceil(Math.min(choices * guess, least * unlimitedShare));
  }

  /** From above, so that no budget is ever overspent: as many prompt tokens as bytes, and all the output there is room for. */
  #nanos(request: MeteredRequest): number {
    const { promptBytes: bytes, images, choices, completionTokenLimit, contextTokens } = request;
    const promptTokens = this.#dependencies.estimate.upperBound({ bytes, images });
    const room = contextTokens ?? mostOutput;
    const completionTokens = choices * Math.min(completionTokenLimit ?? room, room);
    const price = this.#dependencies.prices.tokenPrice(request.modelId);
    return tokenCost({ promptTokens, cachedTokens: 0, completionTokens, reasoningTokens: 0 }, price);
  }
}

/** @throws ApiError rate_limit_exceeded or insufficient_quota for what was refused, with the rates on the answer. */
function granted(decision: Decision, { setHeader }: MeteredRequest): Decision {
  if (decision.refusal !== null) {
    setRateHeaders(decision, setHeader);
    throw refusalError(decision.refusal);
  }
  if (decision.reservation === null) throw new Error('a claim was neither granted nor refused');
  return decision;
}

/** What a key may not use doesn't exist for it. */
function checkModel({ modelRequested, modelId }: MeteredRequest, subjects: readonly LimitedSubject[]): void {
  const refusing = whoMayNotUse(subjects, [modelRequested, modelId]);
  if (refusing === null) return;
  throw new ApiError(
    'model_not_found',
    `The model \`${modelRequested}\` does not exist, or this ${refusing.kind} has no access to it.`,
    { param: 'model' },
  );
}
