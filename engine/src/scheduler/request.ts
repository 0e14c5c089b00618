/** How tokens are chosen. Every field is set: defaults are the request's business. */
export interface SamplingOptions {
  /** 0 takes the likeliest token. */
  temperature: number;
  topP: number;
  /** 0 is off. */
  topK: number;
  minP: number;
  frequencyPenalty: number;
  presencePenalty: number;
  repetitionPenalty: number;
  logitBias: { token: number; bias: number }[];
  /** 32 bits. */
  seed: number;
  maxTokens: number;
  /** GBNF; with triggers the text is free until one appears. */
  grammar: { gbnf: string; triggerPatterns: string[]; triggerTokens: number[] } | null;
}

/** One sequence to generate. */
export interface GenerationRequest {
  id: number;
  /** Prefixes are shared between requests of one scope only: the project. */
  scope: string;
  prompt: Int32Array;
  sampling: SamplingOptions;
  /** Tokens that end the answer beside those that the weights name. */
  stopTokens: readonly number[];
  /** Go on after a token that ends an answer. */
  ignoreEnd: boolean;
  /** How many likeliest tokens to report with each token, or null for none. */
  topLogprobs: number | null;
}

export interface TokenLogprob {
  token: number;
  logprob: number;
}

/** What a step made for one sequence. */
export interface GeneratedToken {
  id: number;
  token: number;
  logprob: TokenLogprob | null;
  top: TokenLogprob[];
}

/** `end`: the model ended the answer; `length`: the limit of tokens was reached; `error`: see the message. */
export type FinishCause = 'end' | 'length' | 'error';

export interface Finished {
  id: number;
  cause: FinishCause;
  message: string | null;
  /** Tokens of the prompt that were not computed because a shared prefix had them. */
  cachedTokens: number;
  /** Tokens generated, the end token included. */
  generatedTokens: number;
  /** Milliseconds from submission to admission. */
  queueMs: number;
}
