import type { ChatRequest } from '@weai/protocol/chat-request';
import type { ApiError } from '@weai/protocol/errors';
import type { CompletionUsage } from 'openai/resources/completions';
import type { FailedAttempt } from '../routing/router.ts';

/** How an answer ended. */
export interface Outcome {
  status: 'completed' | 'failed' | 'cancelled';
  /** Null when nothing answered. */
  deploymentId: string | null;
  failedAttempts: readonly FailedAttempt[];
  /** The engine's counts; null when it was stopped before it sent them. */
  usage: CompletionUsage | null;
  error: ApiError | null;
  timeToFirstTokenMs: number | null;
  durationMs: number;
}

/** What is asked before a request reaches an engine, and told once it is over. */
export interface Metering {
  /** @throws ApiError to refuse the request. */
  reserve(request: ChatRequest, modelId: string): void | Promise<void>;
  /** Called once for each reservation that wasn't refused; the client's last bytes are sent after it. */
  settle(outcome: Outcome): void | Promise<void>;
}

export const unmetered: Metering = { reserve: () => undefined, settle: () => undefined };
