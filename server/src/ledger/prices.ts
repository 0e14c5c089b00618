import { proportion } from '../money.ts';

/** Nano-dollars for a million tokens. */
export interface TokenPrice {
  input: number;
  cachedInput: number;
  output: number;
}

/** What a request used. */
export interface TokenCounts {
  /** Cached ones among them. */
  promptTokens: number;
  cachedTokens: number;
  /** Reasoning among them. */
  completionTokens: number;
  reasoningTokens: number;
}

/** What requests cost from now on; every row of the ledger takes a copy. */
export interface PriceList {
  /** Null when the model has no token price. */
  tokenPrice(modelId: string): TokenPrice | null;
  /** Nano-dollars for an hour of the machine that a deployment runs on. */
  machinePrice(deploymentId: string): number;
}

const millionTokens = 1_000_000;
const hourMs = 3_600_000;

/** Nano-dollars for the tokens of a request, rounded once; zero without a price. */
export function tokenCost(counts: TokenCounts, price: TokenPrice | null): number {
  if (price === null) return 0;
  return proportion(
    [
      [counts.promptTokens - counts.cachedTokens, price.input],
      [counts.cachedTokens, price.cachedInput],
      [counts.completionTokens, price.output],
    ],
    millionTokens,
  );
}

/** Nano-dollars for the time that an engine worked. */
export function machineCost(engineSeconds: number, pricePerHour: number): number {
  return proportion([[Math.round(engineSeconds * 1000), pricePerHour]], hourMs);
}
