import type { ChatRequest } from '@weai/protocol/chat-request';
import type { Tool } from '@weai/protocol/chat-tools';

/** The tools of a request and what `tool_choice` makes of them. */
export interface ToolOffer {
  /** Shown to the model: all of them, so that a change of `tool_choice` keeps the prompt's cached prefix. */
  shown: Tool[];
  /** May be called, with each tool's path in the request. */
  callable: { tool: Tool; path: string }[];
  /** Whether the answer must be a call. */
  forced: boolean;
  /** Whether an answer may have several calls. */
  parallel: boolean;
}

/** Null when no tool may be called: there are none, or `tool_choice` is `none`. */
export function toolOffer(request: ChatRequest): ToolOffer | null {
  const shown = request.tools ?? [];
  const choice = request.tool_choice ?? 'auto';
  if (shown.length === 0 || choice === 'none') return null;
  const names = chosenNames(choice);
  const callable = shown
    .map((tool, index) => ({ tool, path: `tools.${index}.function` }))
    .filter(({ tool }) => names === null || names.has(tool.function.name));
  const mode =
    typeof choice === 'string' ? choice : choice.type === 'function' ? 'required' : choice.allowed_tools.mode;
  // OpenAI answers a choice of one function with one call, whatever `parallel_tool_calls` says.
  const isNamed = typeof choice !== 'string' && choice.type === 'function';
  const parallel = request.parallel_tool_calls !== false && !isNamed;
  return { shown, callable, forced: mode === 'required', parallel };
}

function chosenNames(choice: NonNullable<ChatRequest['tool_choice']>): Set<string> | null {
  if (typeof choice === 'string') return null;
  if (choice.type === 'function') return new Set([choice.function.name]);
  return new Set(choice.allowed_tools.tools.map((tool) => tool.function.name));
}
