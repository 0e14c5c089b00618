import { Distribution } from './distribution.ts';
import { RecentLoad } from './recent-load.ts';
import { Tally } from './tally.ts';

/** The labels that requests are told apart by. Never a key, project or user: those are in the ledger. */
export interface SeriesLabels {
  model: string;
  deployment: string;
}

/** What is counted for a model on a deployment. */
export class Series {
  readonly labels: SeriesLabels;
  inFlight = 0;
  promptTokens = 0;
  cachedTokens = 0;
  completionTokens = 0;
  reasoningTokens = 0;
  /** By status, finish reason and error code. */
  readonly ended = new Tally();
  /** Failures after which another deployment answered, by error code. */
  readonly failovers = new Tally();
  readonly recent = new RecentLoad();
  readonly durationSeconds = new Distribution([0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]);
  readonly queueSeconds = new Distribution([0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]);
  readonly timeToFirstTokenSeconds = new Distribution([
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]);
  readonly tokensPerSecond = new Distribution([1, 2.5, 5, 10, 20, 30, 50, 75, 100, 150, 200, 500]);

  constructor(model: string, deployment: string) {
    this.labels = { model, deployment };
  }
}

/** More than any server has; past it a mistake elsewhere can't fill the memory of Prometheus. */
const defaultMostSeries = 500;

/** The pairs of model and deployment that have been seen, up to a bound; the rest count together as `other`. */
export class SeriesBook {
  readonly #most: number;
  readonly #known = new Map<string, Map<string, Series>>();
  readonly #all: Series[] = [];
  #other: Series | null = null;

  constructor(most = defaultMostSeries) {
    this.#most = most;
  }

  /** Every series that has been asked for. */
  get all(): readonly Series[] {
    return this.#all;
  }

  /** @param deploymentId null when none was asked: `none`. */
  of(model: string, deploymentId: string | null): Series {
    const deployment = deploymentId ?? 'none';
    return this.#known.get(model)?.get(deployment) ?? this.#add(model, deployment);
  }

  #add(model: string, deployment: string): Series {
    const isFull = this.#all.length >= this.#most;
    if (isFull && this.#other !== null) return this.#other;
    const series = isFull ? new Series('other', 'other') : new Series(model, deployment);
    this.#all.push(series);
    if (isFull) {
      this.#other = series;
      return series;
    }
    const ofModel = this.#known.get(model) ?? new Map<string, Series>();
    ofModel.set(deployment, series);
    this.#known.set(model, ofModel);
    return series;
  }
}
