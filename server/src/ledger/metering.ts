import type { ApiError } from '@weai/protocol/errors';
import type { Identity } from '../http/authentication.ts';
import type { FailedAttempt } from '../routing/router.ts';
import type { TokenCounts } from './prices.ts';

/** A request before it reaches an engine. */
export interface MeteredRequest {
  requestId: string;
  identity: Identity;
  modelRequested: string;
  /** What is going to answer. */
  modelId: string;
  /** Text of the prompt, tools and schemas in UTF-8; images are not in it. */
  promptBytes: number;
  images: number;
  /** Answers asked for; each may be as long as the limit. */
  choices: number;
  completionTokenLimit: number | null;
  /** Room for prompt and completion in the model; null when unknown. */
  contextTokens: number | null;
  /** Puts a header on the answer, whatever it becomes. */
  setHeader: (name: string, value: string) => void;
}

/** How an answer ended. */
export interface Outcome {
  status: 'completed' | 'failed' | 'cancelled';
  /** Null when nothing answered. */
  deploymentId: string | null;
  failedAttempts: readonly FailedAttempt[];
  counts: TokenCounts;
  /** `stream` when the engine was stopped before it told its counts. */
  countsFrom: 'engine' | 'stream';
  /** Of the first choice. */
  finishReason: string | null;
  error: ApiError | null;
  /** As the engine tells it; null when it doesn't. */
  queueMs: number | null;
  timeToFirstTokenMs: number | null;
  durationMs: number;
}

/** Counts one request from its reservation to its end. */
export interface Meter {
  /** Of the request's row in the ledger; null where nothing is counted. */
  readonly id: string | null;
  /** The request has just gone to a deployment. */
  dispatched(deploymentId: string): void;
  /** What has been generated up to now; cheap enough to call for every event. */
  progress(counts: TokenCounts): void;
  /** Called exactly once; the client's last bytes are sent after it. */
  settle(outcome: Outcome): Promise<void>;
}

/** What is asked before a request reaches an engine. */
export interface Metering {
  /**
   * A promise only where something has to be waited for: most requests would wait longer for it than this takes.
   * @throws ApiError to refuse the request, or rejects with it; nothing is held then.
   */
  reserve(request: MeteredRequest): Meter | Promise<Meter>;
}

/** Counts nothing. */
export const unmetered: Metering = {
  reserve: () => ({
    id: null,
    dispatched: () => undefined,
    progress: () => undefined,
    settle: () => Promise.resolve(),
  }),
};
