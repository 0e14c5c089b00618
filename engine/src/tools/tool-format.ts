import type { ChatRequest } from '@weai/protocol/chat-request';
import type { TemplateMessage } from '../template.ts';

/** A piece of an answer, in the order in which it was generated. */
export type OutputDelta =
  | { type: 'content'; text: string }
  | { type: 'tool_call_start'; index: number; id: string; name: string }
  | { type: 'tool_call_arguments'; index: number; text: string };

/** Splits generated text into content and tool calls while it is generated. */
export interface OutputParser {
  /** Text that may become a call is held back until that is decided. */
  push(text: string): OutputDelta[];
  /** What was held back. @param cut whether generation was ended by the length limit. */
  end(cut: boolean): OutputDelta[];
  readonly toolCallCount: number;
  /** Whether the arguments of a call have begun and not ended. */
  readonly insideToolCall: boolean;
}

/**
 * A GBNF grammar for the output. With triggers it is lazy, as in `llama_sampler_init_grammar_lazy_patterns`: the text is
 * free until a pattern is found in it (the grammar then starts at its first group) or a trigger token is sampled.
 */
export interface OutputGrammar {
  gbnf: string;
  triggerPatterns: string[];
  triggerTokens: string[];
}

/** What a template needs to render a request. */
export interface PreparedPrompt {
  messages: TemplateMessage[];
  tools?: unknown[];
}

/** How a family of models is told about tools and calls them. */
export interface ToolFormat {
  readonly name: 'llama3.1' | 'hermes' | 'mistral' | 'generic';
  /** Rewrites messages and tools into what the model's template wants. */
  prepare(request: ChatRequest): PreparedPrompt;
  /** Holds the output to calls of the offered functions and to `response_format`; null when it is free. @throws ApiError */
  grammar(request: ChatRequest): OutputGrammar | null;
  /** Special tokens whose text belongs to the output. */
  readonly preservedTokens: string[];
  /** Special tokens, beside the model's own, that end an answer. */
  readonly stopTokens: string[];
  createParser(request: ChatRequest): OutputParser;
}
