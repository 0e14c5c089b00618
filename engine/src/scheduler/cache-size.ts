/** Without a word from the operator a request gets at least this context, where the weights were trained for it. */
const leastContextTokens = 8192;
/** More contexts than this help nobody: no more sequences run at once. */
const mostContexts = 16;
/** llama.cpp allots key-value memory in steps of so many tokens. */
const stepTokens = 256;

interface CacheFacts {
  /** Bytes that keys and values may take. */
  cacheBytes: number;
  bytesPerToken: number;
  trainedContextTokens: number;
  /** The longest request the operator wants, or null. */
  requestedContextTokens: number | null;
}

/**
 * Sizes the key-value memory to the machine. A request's context is what was asked for, else what the weights were trained for as
 * far as the memory goes: Llama 3.1 8B's 131,072 tokens would take 16 GiB.
 * @returns tokens of one request, and cells (tokens over all requests).
 */
export function sizeCache(facts: CacheFacts): { contextTokens: number; cells: number } {
  const affordable = Math.floor(facts.cacheBytes / Math.max(1, facts.bytesPerToken));
  const wanted = facts.requestedContextTokens ?? Math.max(affordable, leastContextTokens);
  const contextTokens = Math.min(wanted, facts.trainedContextTokens);
  const tokens = Math.min(Math.max(affordable, contextTokens), mostContexts * contextTokens);
  return { contextTokens, cells: Math.ceil(tokens / stepTokens) * stepTokens };
}
