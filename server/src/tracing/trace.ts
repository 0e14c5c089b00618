import type { ChatRequest } from '@weai/protocol/chat-request';
import type { Deployment } from '../engines/deployment.ts';
import type { Outcome } from '../ledger/metering.ts';

/** The trace of one HTTP request, as the feature that answers it sees it. */
export interface RequestTrace {
  /** What the request turned out to ask for, once that is known to exist. */
  resolved(modelRequested: string, modelId: string): void;
  /** A call to an engine begins; each deployment that is tried is one. */
  engineCall(deployment: Deployment, request: ChatRequest): EngineCallTrace;
}

/** The trace of one call to an engine. Exactly one of `failed` and `settled` ends it. */
export interface EngineCallTrace {
  /** Names and values in turn, which carry the trace on into the engine. */
  readonly headers: readonly string[];
  /** The engine's first event has come. */
  answered(): void;
  /** It ended before its first event. */
  failed(error: unknown): void;
  settled(outcome: Outcome): void;
}

const nothing = (): void => undefined;

/** Traces nothing. */
export const untraced: RequestTrace = {
  resolved: nothing,
  engineCall: () => ({ headers: [], answered: nothing, failed: nothing, settled: nothing }),
};
