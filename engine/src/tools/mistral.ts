import { createHash } from 'node:crypto';
import type { TemplateMessage } from '../template.ts';
import { characterClass, choice, optional, sequence, text, type Expression } from '../grammar/gbnf.ts';
import {
  type CallableFunction,
  type CallNotation,
  jsonCall,
  oneOrMore,
  outputGrammar,
  spacePattern,
} from './call-grammar.ts';
import { type CallSyntax, type Opening, spaceStart, textBefore } from './call-parser.ts';
import { templateMessages } from './conversation.ts';
import type { FormatParts } from './format-parts.ts';
import { readCallHeader, skipSpace } from './json-call.ts';
import { toolOffer } from './tool-offer.ts';

const callsToken = '[TOOL_CALLS]';
const idToken = '[CALL_ID]';
const argumentsToken = '[ARGS]';

/**
 * Calls of Mistral's models (mistral-common's tokenizers): from version 3 a list of JSON objects after the token, from
 * version 11 `[TOOL_CALLS]name[ARGS]{…}` for each call, in version 13 with `[CALL_ID]…` before the arguments.
 */
const syntax: CallSyntax = {
  open(source, place, names) {
    if (place === 'after-call') {
      const header = readCallHeader(source, 0, names);
      if (header.kind === 'partial') return { kind: 'text', length: 0 };
      if (header.kind === 'call') return { ...header, start: 0, form: 'member' };
      if (header.kind === 'whole') return { ...header, start: 0 };
    }
    for (let from = 0; ;) {
      const token = source.indexOf(callsToken, from);
      if (token === -1) return { kind: 'text', length: textBefore(source, [callsToken], from) };
      const opening = afterToken(source, token, names);
      if (opening !== null) return opening;
      from = token + callsToken.length;
    }
  },
  separators: [',', ']'],
  separatorsAreMarkup: true,
};

function afterToken(source: string, token: number, names: readonly string[]): Opening | null {
  const start = spaceStart(source, token);
  const hold: Opening = { kind: 'text', length: start };
  const at = skipSpace(source, token + callsToken.length);
  if (at === source.length) return hold;
  if (source[at] !== '[' && source[at] !== '{') return namedCall(source, at, start, names);
  const header = readCallHeader(source, source[at] === '[' ? at + 1 : at, names);
  if (header.kind === 'partial') return hold;
  if (header.kind === 'call') return { ...header, start, form: 'member' };
  return header.kind === 'whole' ? { ...header, start } : null;
}

function namedCall(source: string, at: number, start: number, names: readonly string[]): Opening | null {
  const rest = source.slice(at);
  for (const name of names) {
    const header = new RegExp(`^${name}(?:\\[CALL_ID\\]\\w{0,64})?\\[ARGS\\]\\s*(?=\\S)`).exec(rest);
    if (header !== null) {
      return { kind: 'call', start, name, argumentsAt: at + header[0].length, form: 'value' };
    }
    if (mayBecomeNamedCall(rest, name)) return { kind: 'text', length: start };
  }
  return null;
}

function mayBecomeNamedCall(rest: string, name: string): boolean {
  if (name.startsWith(rest)) return true;
  if (!rest.startsWith(name)) return false;
  const after = rest.slice(name.length);
  const idEnd = after.startsWith(idToken) ? /^\[CALL_ID\]\w{0,64}/.exec(after)?.[0].length : 0;
  const marker = after.slice(idEnd ?? 0);
  return (
    argumentsToken.startsWith(marker.trimEnd()) ||
    idToken.startsWith(after) ||
    marker.trimEnd() === argumentsToken
  );
}

const callId: Expression = { kind: 'repeat', item: characterClass('[a-zA-Z0-9]'), min: 9, max: 9 };

const listNotation: CallNotation = {
  calls(functions, parallel, rules) {
    const id = optional(sequence(rules.comma, text('"id"'), rules.colon, text('"'), callId, text('"')));
    const calls = oneOrMore(jsonCall(functions, 'arguments', rules, id), rules.comma, parallel);
    return sequence(text(callsToken), rules.space, text('['), rules.space, calls, rules.space, text(']'));
  },
  triggerPatterns: () => [`(\\[TOOL_CALLS\\]${spacePattern}\\[?)$`],
  triggerTokens: [callsToken],
};

const namedNotation: CallNotation = {
  calls(functions, parallel) {
    const named = ({ name, parameters }: CallableFunction): Expression =>
      sequence(text(name), optional(sequence(text(idToken), callId)), text(argumentsToken), parameters);
    const call = sequence(text(callsToken), choice(...functions.map(named)));
    return oneOrMore(call, text(''), parallel);
  },
  triggerPatterns: () => ['(\\[TOOL_CALLS\\])$'],
  triggerTokens: [callsToken],
};

/** @param named whether the template writes calls as `name[ARGS]{…}`. */
export function mistral(named: boolean): FormatParts {
  return {
    name: 'mistral',
    prepare(request) {
      const messages = templateMessages(request.messages).map(withShortIds);
      const offer = toolOffer(request);
      return offer === null ? { messages } : { messages, tools: offer.shown };
    },
    grammar: (request) => outputGrammar(request, named ? namedNotation : listNotation),
    syntax,
    preservedTokens: [callsToken, idToken, argumentsToken],
    stopTokens: ['</s>'],
  };
}

/** Mistral's templates refuse ids that aren't nine letters or digits. */
function withShortIds(message: TemplateMessage): TemplateMessage {
  const { tool_calls: calls, tool_call_id: id } = message;
  if (calls !== undefined)
    return { ...message, tool_calls: calls.map((call) => ({ ...call, id: shortId(call.id) })) };
  return id === undefined ? message : { ...message, tool_call_id: shortId(id) };
}

function shortId(id: string): string {
  if (/^[a-zA-Z0-9]{9}$/.test(id)) return id;
  return BigInt(`0x${createHash('sha256').update(id).digest('hex')}`)
    .toString(36)
    .slice(-9);
}
