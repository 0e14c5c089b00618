import type { MeteredRequest, Outcome } from '../ledger/metering.ts';

/** A request for `served`, as chat meters it. */
export function meteredRequest(): MeteredRequest {
  return {
    requestId: 'request-1',
    identity: { keyId: 'key-secret', projectId: 'project-secret', organizationId: 'organization-secret' },
    modelRequested: 'asked',
    modelId: 'served',
    promptBytes: 10,
    images: 0,
    choices: 1,
    completionTokenLimit: null,
    contextTokens: null,
    setHeader: () => undefined,
  };
}

/** How a completed answer of 11 tokens in a second ended. */
export function outcome(fields: Partial<Outcome> = {}): Outcome {
  return {
    status: 'completed',
    deploymentId: 'embedded/served',
    failedAttempts: [],
    counts: { promptTokens: 100, cachedTokens: 40, completionTokens: 11, reasoningTokens: 3 },
    countsFrom: 'engine',
    finishReason: 'stop',
    error: null,
    queueMs: 20,
    timeToFirstTokenMs: 200,
    durationMs: 1200,
    ...fields,
  };
}
