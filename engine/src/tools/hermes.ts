import { outputGrammar } from './call-grammar.ts';
import { templateMessages } from './conversation.ts';
import type { FormatParts } from './format-parts.ts';
import { taggedNotation, taggedSyntax, taggedTokens } from './tagged.ts';
import { toolOffer } from './tool-offer.ts';

/** Hermes 2 Pro and later, Qwen 2.5, Qwen 3: the template itself lists tools and writes calls and results. */
export const hermes: FormatParts = {
  name: 'hermes',
  prepare(request) {
    const messages = templateMessages(request.messages);
    const offer = toolOffer(request);
    return offer === null ? { messages } : { messages, tools: offer.shown };
  },
  grammar: (request) => outputGrammar(request, taggedNotation),
  syntax: taggedSyntax,
  preservedTokens: taggedTokens,
  stopTokens: ['<|im_end|>'],
};
