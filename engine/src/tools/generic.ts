import type { TemplateMessage } from '../template.ts';
import { outputGrammar } from './call-grammar.ts';
import { callText, spacedJson, templateMessages, withSystemText } from './conversation.ts';
import type { FormatParts } from './format-parts.ts';
import { taggedNotation, taggedSyntax, taggedTokens } from './tagged.ts';
import { toolOffer } from './tool-offer.ts';

/** Models whose template knows nothing of tools: a system text lists them, and all of it is plain text. */
export const generic: FormatParts = {
  name: 'generic',
  prepare(request) {
    const messages = templateMessages(request.messages).map(asPlainText);
    const offer = toolOffer(request);
    if (offer === null) return { messages };
    const list = offer.shown.map((tool) => spacedJson(tool.function)).join('\n');
    return {
      messages: withSystemText(messages, (system) =>
        [system, instructions(list)].filter(Boolean).join('\n\n'),
      ),
    };
  },
  grammar: (request) => outputGrammar(request, taggedNotation),
  syntax: taggedSyntax,
  preservedTokens: taggedTokens,
  stopTokens: [],
};

function instructions(list: string): string {
  return `You can call these functions:
${list}

To call a function, answer with:
<tool_call>
{"name": "the function's name", "arguments": {}}
</tool_call>`;
}

function asPlainText({ role, content, tool_calls: calls = [] }: TemplateMessage): TemplateMessage {
  if (role === 'tool') return { role: 'user', content: `<tool_response>\n${content}\n</tool_response>` };
  const written = calls.map((call) => `<tool_call>\n${callText(call, 'arguments')}\n</tool_call>`);
  return { role, content: [content, ...written].filter((text) => text !== '').join('\n') };
}
