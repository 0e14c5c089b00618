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

/** A request as its trace begins. */
export interface TracedRequest {
  id: string;
  method: string;
  /** As it was declared; null where there is none. */
  route: string | null;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The span of one HTTP request. */
export interface RequestSpan extends RequestTrace {
  /** @param disconnected whether the client went before its answer ended. */
  end(status: number, disconnected: boolean): void;
}

/** What makes spans and sends them to a collector. */
export interface Tracing {
  begin(request: TracedRequest): RequestSpan;
  /** Sends what is left. */
  close(): Promise<void>;
}

const nothing = (): void => undefined;

/** Traces nothing. */
export const untraced: RequestTrace = {
  resolved: nothing,
  engineCall: () => ({ headers: [], answered: nothing, failed: nothing, settled: nothing }),
};
