import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { EndedAnswer } from '../http/request-log.ts';
import type { Outcome } from '../ledger/metering.ts';
import { type Distribution, DistributionMetric } from './distribution.ts';
import type { DeploymentLoad } from './recent-load.ts';
import { type Series, SeriesBook, type SeriesLabels } from './series.ts';
import { Tally } from './tally.ts';

type Labels = Readonly<Record<string, string>>;

const seriesLabels = ['model', 'deployment'] as const satisfies (keyof SeriesLabels)[];

/** A request on its way through a deployment. */
export interface Flight {
  generated(tokens: number): void;
  /** The deployment no longer answers it. */
  land(): void;
}

/** Everything that is counted as it happens, for Prometheus. What is read at each scrape instead is in `sources.ts`. */
export class Metrics {
  readonly registry = new Registry();
  readonly #series = new SeriesBook();
  readonly #refusals = new Tally();
  readonly #http = new Tally();

  constructor() {
    this.#distribution(
      'weai_request_duration_seconds',
      'From the parsed request to its last token.',
      (series) => series.durationSeconds,
    );
    this.#distribution(
      'weai_queue_seconds',
      'Wait inside the engine, where it tells.',
      (series) => series.queueSeconds,
    );
    this.#distribution(
      'weai_time_to_first_token_seconds',
      'From the parsed request to the first token from the engine.',
      (series) => series.timeToFirstTokenSeconds,
    );
    this.#distribution(
      'weai_tokens_per_second',
      'Tokens per second of one answer after its first token.',
      (series) => series.tokensPerSecond,
    );
    this.#countSeries();
    this.#countTokens('prompt', 'Prompt tokens, cached ones among them', (each) => each.promptTokens);
    this.#countTokens('cached_prompt', 'Prompt tokens from the prefix cache', (each) => each.cachedTokens);
    this.#countTokens(
      'completion',
      'Tokens generated, reasoning among them',
      (each) => each.completionTokens,
    );
    this.#countTokens('reasoning', 'Tokens generated as reasoning', (each) => each.reasoningTokens);
    collectDefaultMetrics({ register: this.registry });
  }

  refused(modelId: string, code: string): void {
    this.#refusals.add(this.#series.of(modelId, null).labels.model, code);
  }

  /** A deployment begins to answer. */
  dispatched(modelId: string, deploymentId: string): Flight {
    const series = this.#series.of(modelId, deploymentId);
    series.inFlight += 1;
    return {
      generated: (tokens) => series.recent.generated(tokens),
      land: () => {
        series.inFlight -= 1;
      },
    };
  }

  /** What a deployment does now and did lately, for this server. */
  load(deploymentId: string): DeploymentLoad {
    // One model each, but for a deployment's name that is used again for another.
    const series = this.#series.all.filter(({ labels }) => labels.deployment === deploymentId);
    const last = series.at(-1)?.recent;
    return {
      inFlight: series.reduce((sum, { inFlight }) => sum + inFlight, 0),
      tokensPerSecond: series.reduce((sum, { recent }) => sum + recent.tokensPerSecond, 0),
      queueMs: last?.queueMs ?? null,
      timeToFirstTokenMs: last?.timeToFirstTokenMs ?? null,
    };
  }

  /** @param deploymentId the last one that was asked; null when none was. */
  settled(modelId: string, deploymentId: string | null, outcome: Outcome): void {
    const { counts, queueMs, timeToFirstTokenMs, durationMs, status } = outcome;
    const series = this.#series.of(modelId, deploymentId);
    const code = outcome.error?.code ?? (status === 'failed' ? 'internal_error' : '');
    series.ended.add(status, outcome.finishReason ?? '', code);
    series.promptTokens += counts.promptTokens;
    series.cachedTokens += counts.cachedTokens;
    series.completionTokens += counts.completionTokens;
    series.reasoningTokens += counts.reasoningTokens;
    series.recent.settled(queueMs, timeToFirstTokenMs);
    series.durationSeconds.observe(durationMs / 1000);
    if (queueMs !== null) series.queueSeconds.observe(queueMs / 1000);
    if (timeToFirstTokenMs !== null) {
      series.timeToFirstTokenSeconds.observe(timeToFirstTokenMs / 1000);
      const generatingMs = durationMs - timeToFirstTokenMs;
      const following = counts.completionTokens - 1;
      if (following > 0 && generatingMs > 0) {
        series.tokensPerSecond.observe((following * 1000) / generatingMs);
      }
    }
    for (const attempt of outcome.failedAttempts) {
      this.#series.of(modelId, attempt.deploymentId).failovers.add(attempt.code);
    }
  }

  /** Counts an HTTP request whose answer has ended. */
  answered({ method, route, status, disconnected }: EndedAnswer): void {
    this.#http.add(method, route ?? 'none', disconnected ? '499' : String(status));
  }

  #countSeries(): void {
    const registers = [this.registry];
    const gauge: Gauge = new Gauge({
      name: 'weai_requests_in_flight',
      help: 'Requests that a deployment is answering now.',
      labelNames: seriesLabels,
      registers,
      collect: (): void => {
        for (const { labels, inFlight } of this.#series.all) gauge.set({ ...labels }, inFlight);
      },
    });
    this.#counter(
      'weai_requests_total',
      'Chat requests that ended, by how they did.',
      [...seriesLabels, 'status', 'finish_reason', 'error_code'],
      (add) => {
        for (const { labels, ended } of this.#series.all) {
          for (const { values, count } of ended.entries()) {
            const [status = '', finish = '', code = ''] = values;
            add({ ...labels, status, finish_reason: finish, error_code: code }, count);
          }
        }
      },
    );
    this.#counter(
      'weai_failovers_total',
      'Failures of a deployment after which another one answered.',
      [...seriesLabels, 'code'],
      (add) => {
        for (const { labels, failovers } of this.#series.all) {
          for (const { values, count } of failovers.entries())
            add({ ...labels, code: values[0] ?? '' }, count);
        }
      },
    );
    this.#counter(
      'weai_refusals_total',
      'Requests refused before an engine saw them: limits, budgets, a full journal.',
      ['model', 'code'],
      (add) => {
        for (const { values, count } of this.#refusals.entries()) {
          add({ model: values[0] ?? '', code: values[1] ?? '' }, count);
        }
      },
    );
    this.#counter(
      'weai_http_requests_total',
      'HTTP requests of every route; status 499 when the client went before its answer ended.',
      ['method', 'route', 'status'],
      (add) => {
        for (const { values, count } of this.#http.entries()) {
          const [method = '', route = '', status = ''] = values;
          add({ method, route, status }, count);
        }
      },
    );
  }

  #countTokens(kind: string, what: string, read: (series: Series) => number): void {
    const help = `${what}, as engines tell them; the ledger has the exact figures.`;
    this.#counter(`weai_${kind}_tokens_total`, help, seriesLabels, (add) => {
      for (const series of this.#series.all) add({ ...series.labels }, read(series));
    });
  }

  /** A counter whose values are taken at each scrape from where they are counted. */
  #counter(
    name: string,
    help: string,
    labelNames: readonly string[],
    collect: (add: (labels: Labels, count: number) => void) => void,
  ): void {
    const counter: Counter = new Counter({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect: (): void => {
        counter.reset();
        collect((labels, count) => counter.inc(labels, count));
      },
    });
  }

  #distribution(name: string, help: string, read: (series: Series) => Distribution): void {
    const metric = new DistributionMetric({ name, help }, () =>
      this.#series.all.map((series) => ({ labels: series.labels, distribution: read(series) })),
    );
    this.registry.registerMetric(metric);
  }
}
