/** What the operator said; null where nothing. */
interface Asked {
  threads: number | null;
  maxRunning: number | null;
  cacheBytes: number | null;
}

interface Machine {
  /** Cores that this process may use. */
  processors: number;
  freeMemoryBytes: number;
  /** The GPUs, when the weights are loaded; null where only the processor computes. */
  gpu: { freeBytes: number; computesAllLayers: boolean } | null;
}

/** What an engine takes of its machine. */
export interface Resources {
  threads: number;
  /** Sequences that generate at once. */
  maxRunning: number;
  /** Bytes that keys and values may take. */
  cacheBytes: number;
  /** Bytes of ordinary memory for prefixes that were put away. */
  archiveBytes: number;
  /** Prompt tokens beyond which a batch computes none of them faster. */
  promptBatchTokens: number;
}

/** Of the memory that is free at start, the part that keys and values take when nothing else is said. */
const cacheShare = 1 / 16;
/** The same of a GPU's, of which the weights are taken already; other engines may share it, and batches need buffers. */
const gpuCacheShare = 1 / 2;

/** Shares out a machine: a GPU needs one thread that feeds it, and batches that fill it. */
export function shareOut(asked: Asked, { processors, freeMemoryBytes, gpu }: Machine): Resources {
  const hostBytes = asked.cacheBytes ?? Math.floor(freeMemoryBytes * cacheShare);
  const gpuBytes = gpu === null ? Infinity : Math.floor(gpu.freeBytes * gpuCacheShare);
  if (!gpu?.computesAllLayers) {
    return {
      threads: asked.threads ?? processors,
      maxRunning: asked.maxRunning ?? 32,
      cacheBytes: asked.cacheBytes ?? Math.min(hostBytes, gpuBytes),
      archiveBytes: hostBytes,
      promptBatchTokens: 128,
    };
  }
  return {
    threads: asked.threads ?? 1,
    maxRunning: asked.maxRunning ?? 64,
    cacheBytes: asked.cacheBytes ?? gpuBytes,
    archiveBytes: hostBytes,
    promptBatchTokens: 512,
  };
}
