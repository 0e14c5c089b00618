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
  /** Tokens of key-value memory over all sequences; null sizes it to the machine. */
  cells: number | null;
  /** Bytes that the key-value memory may take when `cells` is null. */
  cacheBytes: number;
  /** Tokens of one request, prompt and answer; null takes what the model was trained for. */
  contextTokens: number | null;
  /** One 64-bit word: when the current step began, in milliseconds since 1970; 0 when idle. */
  heartbeat: BigInt64Array;
}

export type ToWorker = { type: 'submit'; request: GenerationRequest } | { type: 'cancel'; id: number };

export type FromWorker =
  | { type: 'ready'; model: bigint; facts: ModelFacts; cells: number; contextTokens: number; device: string }
  | { type: 'step'; tokens: GeneratedToken[]; finished: Finished[]; running: number; queued: number };
