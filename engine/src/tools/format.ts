import { randomInt } from 'node:crypto';
import { ChatTemplate } from '../template.ts';
import { CallParser, ContentParser } from './call-parser.ts';
import { mergeRepeated, systemAsUser } from './conversation.ts';
import type { FormatParts, TemplateAbilities } from './format-parts.ts';
import { generic } from './generic.ts';
import { hermes } from './hermes.ts';
import { llama } from './llama.ts';
import { mistral } from './mistral.ts';
import type { ToolFormat } from './tool-format.ts';
import { toolOffer } from './tool-offer.ts';

export type { OutputDelta, OutputGrammar, OutputParser, ToolFormat } from './tool-format.ts';

const idCharacters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `call_` and 24 letters or digits, as OpenAI's ids look. */
function randomCallId(): string {
  return `call_${Array.from({ length: 24 }, () => idCharacters[randomInt(idCharacters.length)]).join('')}`;
}

/**
 * The tool format of a model, known by the markers in its chat template.
 * @param templateSource the weights' template; null when they have none.
 * @param createCallId source of tool calls' ids, for tests.
 */
export function detectToolFormat(
  templateSource: string | null,
  createCallId: () => string = randomCallId,
): ToolFormat {
  const parts = partsFor(templateSource ?? '');
  const abilities = templateAbilities(templateSource);
  return {
    name: parts.name,
    prepare(request) {
      const prompt = parts.prepare(request, abilities);
      let { messages } = prompt;
      if (!abilities.system) messages = systemAsUser(messages);
      if (abilities.alternates) messages = mergeRepeated(mergeRepeated(messages, 'user'), 'assistant');
      return { ...prompt, messages };
    },
    grammar: (request) => parts.grammar(request),
    preservedTokens: [...parts.preservedTokens],
    stopTokens: [...parts.stopTokens],
    createParser(request) {
      const offer = toolOffer(request);
      if (offer === null || offer.callable.length === 0) return new ContentParser();
      const names = offer.callable.map(({ tool }) => tool.function.name);
      const { parallel, forced } = offer;
      return new CallParser(parts.syntax, { names, parallel, forced, createCallId });
    },
  };
}

function partsFor(source: string): FormatParts {
  if (source.includes('[TOOL_CALLS]')) return mistral(source.includes('[ARGS]'));
  // Qwen3-Coder and GLM put other notations than JSON into the same tags.
  const otherNotation = source.includes('<function=') || source.includes('<arg_key>');
  if (source.includes('<tool_call>') && !otherNotation) return hermes;
  return source.includes('<|start_header_id|>') ? llama : generic;
}

function templateAbilities(source: string | null): TemplateAbilities {
  if (source === null) return { tools: false, system: true, alternates: false };
  const template = new ChatTemplate(source, { bos: '', eos: '' });
  return {
    tools: template.supportsTools,
    system: template.supportsSystem,
    alternates: source.includes('must alternate'),
  };
}
