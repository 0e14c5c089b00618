import type { DeviceChoice } from '../llama/device.ts';
import type { ModelFacts } from '../llama/model.ts';
import type { Finished, GeneratedToken, GenerationRequest } from './request.ts';
import type { Resources } from './resources.ts';

/** What the inference thread is started with. */
export interface WorkerOptions {
  modelPath: string;
  device: DeviceChoice;
  gpuLayers: number;
  /** These three by the machine where they are null. */
  threads: number | null;
  maxRunning: number | null;
  /** Bytes that keys and values may take. */
  cacheBytes: number | null;
  /** Tokens of one request, prompt and answer; null fits it to the memory. */
  contextTokens: number | null;
  /** One 64-bit word: when the current step began, in milliseconds since 1970; 0 when idle. */
  heartbeat: BigInt64Array;
}

export type ToWorker = { type: 'submit'; request: GenerationRequest } | { type: 'cancel'; id: number };

export type FromWorker =
  | {
      type: 'ready';
      model: bigint;
      facts: ModelFacts;
      cells: number;
      contextTokens: number;
      device: string;
      resources: Resources;
    }
  | { type: 'step'; tokens: GeneratedToken[]; finished: Finished[]; running: number; queued: number };
