import { type ArgumentsReader, JsonArguments, KeywordArguments, QuotedArguments } from './call-arguments.ts';
import { skipSpace } from './json-call.ts';
import type { OutputDelta, OutputParser } from './tool-format.ts';

/** Where text stands: before anything else, after content, or after a call. */
export type Place = 'start' | 'text' | 'after-call';

/** What a text begins with. */
export type Opening =
  /** So many characters are content; what is behind them may become a call. */
  | { kind: 'text'; length: number }
  /** `start` characters of content, then a call whose arguments begin at an index. */
  | { kind: 'call'; start: number; name: string; argumentsAt: number; form: 'member' | 'value' | 'keywords' }
  | { kind: 'whole'; start: number; name: string; arguments: string; end: number };

/** How a family's calls are found in text. */
export interface CallSyntax {
  open(text: string, place: Place, names: readonly string[]): Opening;
  /** What may stand between calls and after the last one. */
  separators: readonly string[];
  /** Whether a separator is markup even when text follows it, rather than a part of that text. */
  separatorsAreMarkup: boolean;
}

export interface CallParserOptions {
  names: readonly string[];
  parallel: boolean;
  /** Whether the grammar lets nothing but calls be generated. */
  forced: boolean;
  createCallId: () => string;
}

/** Finds tool calls in generated text. What is emitted doesn't depend on how the text is cut into pieces. */
export class CallParser implements OutputParser {
  #syntax: CallSyntax;
  #options: CallParserOptions;
  #pending = '';
  #place: Place = 'start';
  #arguments: (ArgumentsReader & { readonly complete: boolean }) | null = null;
  toolCallCount = 0;

  constructor(syntax: CallSyntax, options: CallParserOptions) {
    this.#syntax = syntax;
    this.#options = options;
  }

  get insideToolCall(): boolean {
    return this.#arguments !== null && !this.#arguments.complete;
  }

  push(text: string): OutputDelta[] {
    this.#pending += text;
    const deltas: OutputDelta[] = [];
    while (this.#pending !== '' && this.#step(deltas));
    return deltas;
  }

  /** What was held back is content after all, except for what only separates calls, and what began a call that had to come. */
  end(): OutputDelta[] {
    const rest = this.#pending;
    this.#pending = '';
    if (this.#arguments !== null || this.#finished || this.#options.forced) return [];
    if (this.#place === 'after-call') {
      const { end, markupEnd, undecided } = this.#skipSeparators(rest);
      return undecided || end === rest.length ? [] : content(rest.slice(markupEnd));
    }
    return content(rest);
  }

  get #finished(): boolean {
    return !this.#options.parallel && this.toolCallCount > 0;
  }

  /** @returns whether it got further. */
  #step(deltas: OutputDelta[]): boolean {
    if (this.#arguments !== null) return this.#readArguments(this.#arguments, deltas);
    if (this.#finished) {
      this.#pending = '';
      return false;
    }
    if (this.#place === 'after-call') return this.#afterCall(deltas);
    return this.#open(this.#pending, this.#place, deltas);
  }

  #open(text: string, place: Place, deltas: OutputDelta[]): boolean {
    const opening = this.#syntax.open(text, place, this.#options.names);
    if (opening.kind === 'text') {
      if (opening.length === 0) return false;
      deltas.push(...content(text.slice(0, opening.length)));
      this.#pending = text.slice(opening.length);
      this.#place = 'text';
      return true;
    }
    deltas.push(...content(text.slice(0, opening.start)));
    const index = this.toolCallCount;
    deltas.push({ type: 'tool_call_start', index, id: this.#options.createCallId(), name: opening.name });
    this.toolCallCount++;
    this.#place = 'after-call';
    if (opening.kind === 'whole') {
      deltas.push({ type: 'tool_call_arguments', index, text: opening.arguments });
      this.#pending = text.slice(opening.end);
      return true;
    }
    this.#pending = text.slice(opening.argumentsAt);
    if (opening.form === 'keywords') this.#arguments = new KeywordArguments();
    else if (this.#pending.startsWith('"')) this.#arguments = new QuotedArguments();
    else this.#arguments = new JsonArguments(opening.form === 'member');
    return true;
  }

  #readArguments(reader: ArgumentsReader, deltas: OutputDelta[]): boolean {
    const { length, output } = reader.push(this.#pending);
    this.#pending = this.#pending.slice(length);
    if (output !== '') {
      deltas.push({ type: 'tool_call_arguments', index: this.toolCallCount - 1, text: output });
    }
    if (reader.ended) this.#arguments = null;
    return reader.ended;
  }

  #afterCall(deltas: OutputDelta[]): boolean {
    const { end, markupEnd, undecided } = this.#skipSeparators(this.#pending);
    if (undecided || end === this.#pending.length) return false;
    const opening = this.#syntax.open(this.#pending.slice(end), 'after-call', this.#options.names);
    if (opening.kind === 'text' && opening.length === 0) return false;
    if (opening.kind !== 'text' && opening.start === 0) {
      return this.#open(this.#pending.slice(end), 'after-call', deltas);
    }
    this.#pending = this.#pending.slice(markupEnd);
    this.#place = 'text';
    return true;
  }

  /** `end`: after separators and space. `markupEnd`: after what must not become content. */
  #skipSeparators(text: string): { end: number; markupEnd: number; undecided: boolean } {
    let markupEnd = 0;
    for (;;) {
      const end = skipSpace(text, markupEnd);
      const rest = text.slice(end);
      const found = this.#syntax.separators.find((separator) => rest.startsWith(separator));
      if (found === undefined) {
        const undecided =
          rest !== '' && this.#syntax.separators.some((separator) => separator.startsWith(rest));
        return { end, markupEnd: this.#syntax.separatorsAreMarkup ? markupEnd : 0, undecided };
      }
      markupEnd = end + found.length;
    }
  }
}

function content(text: string): OutputDelta[] {
  return text === '' ? [] : [{ type: 'content', text }];
}

/** Gives all text on as content, for requests in which no tool may be called. */
export class ContentParser implements OutputParser {
  readonly toolCallCount = 0;
  readonly insideToolCall = false;

  push(text: string): OutputDelta[] {
    return content(text);
  }

  end(): OutputDelta[] {
    return [];
  }
}

/**
 * How many characters at the front can't belong to a call that begins with one of these markers. Space before a marker
 * belongs to the marker.
 */
export function textBefore(text: string, markers: readonly string[], from = 0): number {
  for (let at = from; at < text.length; at++) {
    const rest = text.slice(at);
    if (markers.some((marker) => rest.startsWith(marker) || marker.startsWith(rest)))
      return spaceStart(text, at);
  }
  return spaceStart(text, text.length);
}

/** Where the space before an index begins. */
export function spaceStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && ' \n\r\t'.includes(text.charAt(start - 1))) start--;
  return start;
}
