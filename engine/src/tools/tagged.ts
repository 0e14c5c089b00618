import { oneOrMore, jsonCall, spacePattern, type CallNotation } from './call-grammar.ts';
import { sequence, text } from '../grammar/gbnf.ts';
import { type CallSyntax, spaceStart, textBefore } from './call-parser.ts';
import { readCallHeader } from './json-call.ts';

const openTag = '<tool_call>';
const closeTag = '</tool_call>';

/** Special tokens of calls in tags, where the vocabulary has them. */
export const taggedTokens: readonly string[] = [openTag, closeTag];

/** Calls as JSON in tags, from Nous Research's Hermes function calling: `<tool_call>\n{…}\n</tool_call>`. */
export const taggedSyntax: CallSyntax = {
  open(text, _place, names) {
    for (let from = 0; ;) {
      const tag = text.indexOf(openTag, from);
      if (tag === -1) return { kind: 'text', length: textBefore(text, [openTag], from) };
      const start = spaceStart(text, tag);
      const header = readCallHeader(text, tag + openTag.length, names);
      if (header.kind === 'partial') return { kind: 'text', length: start };
      if (header.kind === 'call') return { ...header, start, form: 'member' };
      if (header.kind === 'whole') return { ...header, start };
      from = tag + openTag.length;
    }
  },
  separators: [closeTag],
  separatorsAreMarkup: true,
};

export const taggedNotation: CallNotation = {
  calls(functions, parallel, rules) {
    const call = rules.add(
      'tagged-call',
      sequence(
        text(openTag),
        rules.space,
        jsonCall(functions, 'arguments', rules),
        rules.space,
        text(closeTag),
      ),
    );
    return oneOrMore(call, rules.space, parallel);
  },
  triggerPatterns: () => [`(${openTag}${spacePattern}\\{?)$`],
  triggerTokens: [openTag],
};
