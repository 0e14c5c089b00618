import type { ModelFacts } from '../llama/model.ts';
import type { Finished, GeneratedToken, GenerationRequest } from './request.ts';

/** What the inference thread is started with. */
export interface WorkerOptions {
  modelPath: string;
  threads: number;
  gpuLayers: number;
  maxRunning: number;
  sequences: number;
  batchTokens: number;
  /** Bytes that keys and values may take. */
  cacheBytes: number;
  /** Tokens of one request, prompt and answer; null fits it to the memory. */
  contextTokens: number | null;
  /** One 64-bit word: when the current step began, in milliseconds since 1970; 0 when idle. */
  heartbeat: BigInt64Array;
}

export type ToWorker = { type: 'submit'; request: GenerationRequest } | { type: 'cancel'; id: number };

export type FromWorker =
  | { type: 'ready'; model: bigint; facts: ModelFacts; cells: number; contextTokens: number; device: string }
  | { type: 'step'; tokens: GeneratedToken[]; finished: Finished[]; running: number; queued: number };
