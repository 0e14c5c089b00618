import type { TemplateMessage } from '../template.ts';
import { optional, sequence, text } from '../grammar/gbnf.ts';
import { type CallNotation, jsonCall, oneOrMore, outputGrammar, spacePattern } from './call-grammar.ts';
import { type CallSyntax, type Opening, spaceStart, textBefore } from './call-parser.ts';
import { callText, templateMessages, withSystemText } from './conversation.ts';
import type { FormatParts } from './format-parts.ts';
import { readCallHeader, skipSpace } from './json-call.ts';
import { toolOffer } from './tool-offer.ts';

const pythonTag = '<|python_tag|>';

/**
 * Calls of Llama 3.1 and later (Meta's prompt format): the answer is a JSON object with `name` and `parameters`, alone or
 * after the Python tag; built-in tools are called as in Python, always after the tag. Python code is content.
 */
const syntax: CallSyntax = {
  open(source, place, names) {
    if (place !== 'text') {
      const header = readCallHeader(source, 0, names);
      if (header.kind === 'partial') return { kind: 'text', length: 0 };
      if (header.kind === 'call') return { ...header, start: 0, form: 'member' };
      if (header.kind === 'whole') return { ...header, start: 0 };
    }
    for (let from = 0; ;) {
      const tag = source.indexOf(pythonTag, from);
      if (tag === -1) return { kind: 'text', length: textBefore(source, [pythonTag], from) };
      const opening = afterPythonTag(source, tag, names);
      if (opening !== null) return opening;
      from = tag + pythonTag.length;
    }
  },
  separators: [';', ','],
  separatorsAreMarkup: false,
};

function afterPythonTag(source: string, tag: number, names: readonly string[]): Opening | null {
  const start = spaceStart(source, tag);
  const after = tag + pythonTag.length;
  const header = readCallHeader(source, after, names);
  if (header.kind === 'partial') return { kind: 'text', length: start };
  if (header.kind === 'call') return { ...header, start, form: 'member' };
  if (header.kind === 'whole') return { ...header, start };
  const call = source.slice(skipSpace(source, after));
  for (const name of names) {
    const opening = `${name}.call(`;
    if (call.startsWith(opening)) {
      return {
        kind: 'call',
        start,
        name,
        argumentsAt: source.length - call.length + opening.length,
        form: 'keywords',
      };
    }
    if (opening.startsWith(call)) return { kind: 'text', length: start };
  }
  return null;
}

const notation: CallNotation = {
  calls(functions, parallel, rules) {
    const calls = oneOrMore(
      jsonCall(functions, 'parameters', rules),
      sequence(text(';'), optional(text(' '))),
      parallel,
    );
    return sequence(optional(text(pythonTag)), calls);
  },
  triggerPatterns: (names) => [
    String.raw`^\s*(\{${spacePattern}"name": ?"(?:${names.join('|')})"(?:,${spacePattern}"?)?)$`,
  ],
  triggerTokens: [pythonTag],
};

export const llama: FormatParts = {
  name: 'llama3.1',
  prepare(request, abilities) {
    const messages = singleCalls(templateMessages(request.messages));
    const offer = toolOffer(request);
    if (abilities.tools) return offer === null ? { messages } : { messages, tools: offer.shown };
    const plain = messages.map(asPlainText);
    return { messages: offer === null ? plain : withTools(plain, offer.shown) };
  },
  grammar: (request) => outputGrammar(request, notation),
  syntax,
  preservedTokens: [pythonTag],
  stopTokens: ['<|eot_id|>', '<|eom_id|>'],
};

/**
 * The template takes one call in a message, and no content beside it: content becomes a message of its own, and each
 * call is followed by its result.
 */
function singleCalls(messages: readonly TemplateMessage[]): TemplateMessage[] {
  const single: TemplateMessage[] = [];
  for (const [index, message] of messages.entries()) {
    const { tool_calls: calls, tool_call_id: callId } = message;
    if (calls !== undefined) {
      if (message.content !== '') single.push({ role: 'assistant', content: message.content });
      for (const call of calls) {
        single.push({ role: 'assistant', content: '', tool_calls: [call] });
        single.push(...resultsOf(call.id, messages, index + 1));
      }
    } else if (callId === undefined) single.push(message);
  }
  return single;
}

function resultsOf(callId: string, messages: readonly TemplateMessage[], from: number): TemplateMessage[] {
  const results: TemplateMessage[] = [];
  for (const message of messages.slice(from)) {
    if (message.role !== 'tool') break;
    if (message.tool_call_id === callId) results.push({ role: 'ipython', content: message.content });
  }
  return results;
}

function asPlainText({ role, content, tool_calls: calls = [] }: TemplateMessage): TemplateMessage {
  return {
    role,
    content: calls.length === 0 ? content : calls.map((call) => callText(call, 'parameters')).join('; '),
  };
}

/** What the full template says of tools, for weights that carry the short one (as Llama 3's). */
function withTools(messages: readonly TemplateMessage[], tools: readonly unknown[]): TemplateMessage[] {
  const list = tools.map((tool) => `${JSON.stringify(tool, null, 4)}\n\n`).join('');
  const text = `Given the following functions, please respond with a JSON for a function call with its proper arguments that best answers the given prompt.

Respond in the format {"name": function name, "parameters": dictionary of argument name and its value}. Do not use variables.

${list}`;
  const asked = messages.findIndex(({ role }) => role === 'user');
  const told = messages.map((message, index) =>
    index === asked ? { ...message, content: text + message.content } : message,
  );
  const environment = 'Environment: ipython';
  return withSystemText(told, (system) =>
    [environment, ...(asked === -1 ? [text.trimEnd()] : []), system].filter(Boolean).join('\n\n'),
  );
}
