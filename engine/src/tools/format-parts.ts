import type { ChatRequest } from '@weai/protocol/chat-request';
import type { CallSyntax } from './call-parser.ts';
import type { OutputGrammar, PreparedPrompt, ToolFormat } from './tool-format.ts';

/** What a template is able to do, as far as formats care. */
export interface TemplateAbilities {
  tools: boolean;
  system: boolean;
  /** Whether the template refuses two messages of one role in a row. */
  alternates: boolean;
}

/** What differs between families. */
export interface FormatParts {
  name: ToolFormat['name'];
  prepare(request: ChatRequest, abilities: TemplateAbilities): PreparedPrompt;
  grammar(request: ChatRequest): OutputGrammar | null;
  syntax: CallSyntax;
  preservedTokens: readonly string[];
  stopTokens: readonly string[];
}
