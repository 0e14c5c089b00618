/** Tokens of all answers since the engine's start, stopped ones too: what the server's ledger is checked against. */
export interface TokenTotals {
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
}
