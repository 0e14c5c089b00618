import { setImmediate as nextTurn } from 'node:timers/promises';
import { ApiError } from '@weai/protocol/errors';
import type { ChatRequest } from '@weai/protocol/chat-request';
import type { Vocabulary } from '../llama/vocabulary.ts';
import type { ChatTemplate } from '../template.ts';
import type { ToolFormat } from '../tools/format.ts';

/** Private-use characters that stand around the number of a text that must not become a special token. */
const literalStart = '\u{F0F0}';
const literalEnd = '\u{F0F1}';
const literalText = new RegExp(`${literalStart}(\\d+)${literalEnd}`, 'gu');

/**
 * Turns a conversation into tokens by the weights' own template. Where a user's text spells a special token (`<|im_end|>`), it
 * stays text: otherwise a message could close its turn and speak as somebody else.
 */
export class PromptBuilder {
  readonly #vocabulary: Vocabulary;
  readonly #template: ChatTemplate;
  readonly #format: ToolFormat;
  readonly #special: RegExp;
  readonly #longestPieceBytes: number;

  constructor(vocabulary: Vocabulary, template: ChatTemplate, format: ToolFormat) {
    this.#vocabulary = vocabulary;
    this.#template = template;
    this.#format = format;
    this.#longestPieceBytes = vocabulary.longestPieceBytes();
    // The marks themselves are texts to hide too: a client may have written them.
    const texts = [...vocabulary.controlTexts(), literalStart, literalEnd];
    this.#special = new RegExp(texts.map((text) => RegExp.escape(text)).join('|'), 'gu');
  }

  /**
   * @throws ApiError when the template refuses the conversation, or when it can't fit into `contextTokens`: that is often clear
   *   long before megabytes of it are tokenized.
   */
  async tokens(request: ChatRequest, contextTokens = Infinity): Promise<Int32Array> {
    const literals: string[] = [];
    const { messages, tools } = this.#hide(this.#format.prepare(request), literals);
    const rendered = this.#template.render({
      messages,
      ...(tools ? { tools } : {}),
      addGenerationPrompt: true,
    });
    const needsBos = this.#vocabulary.addsBos && !rendered.startsWith(this.#vocabulary.bos);
    const text = needsBos ? this.#vocabulary.bos + rendered : rendered;
    const leastTokens = Math.ceil(Buffer.byteLength(text) / this.#longestPieceBytes);
    if (leastTokens >= contextTokens) throw tooLong(leastTokens, contextTokens, 'at least ');
    if (literals.length === 0) return this.#vocabulary.tokenize(text, true);
    const parts: Int32Array[] = [];
    let count = 0;
    // `split` with a group alternates: text, number, text, number, …
    for (const [index, part] of text.split(literalText).entries()) {
      const isLiteral = index % 2 === 1;
      const tokens = await this.#vocabulary.tokenize(
        isLiteral ? (literals[Number(part)] ?? '') : part,
        !isLiteral,
      );
      parts.push(tokens);
      count += tokens.length;
      if (count >= contextTokens) throw tooLong(count, contextTokens, 'at least ');
      // Short texts are tokenized at once: other requests get their turn.
      if (index % 256 === 255) await nextTurn();
    }
    return Int32Array.from(parts.flatMap((part) => [...part]));
  }

  /**
   * Replaces special tokens' texts in everything the client wrote; the template's own text is added later. After `prepare`, which
   * adds none: by then arguments are parsed, and no JSON escape hides a text.
   */
  #hide<T>(value: T, literals: string[]): T {
    const hide = (text: string): string =>
      text.replace(this.#special, (found) => `${literalStart}${literals.push(found) - 1}${literalEnd}`);
    return replaceTexts(value, hide) as T;
  }
}

/** Also in names of members: a tool's parameters may have any. */
function replaceTexts(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item) => replaceTexts(item, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [replace(key), replaceTexts(item, replace)]),
  );
}

/** @throws ApiError context_length_exceeded with both numbers: nothing is ever cut from a prompt. */
export function checkContext(promptTokens: number, contextTokens: number): void {
  if (promptTokens >= contextTokens) throw tooLong(promptTokens, contextTokens, '');
}

function tooLong(promptTokens: number, contextTokens: number, bound: 'at least ' | ''): ApiError {
  return new ApiError(
    'context_length_exceeded',
    `This model's maximum context length is ${contextTokens} tokens, but the messages take ${bound}${promptTokens} tokens` +
      ' and at least one must be left for the answer. Please shorten the messages.',
    { param: 'messages' },
  );
}
