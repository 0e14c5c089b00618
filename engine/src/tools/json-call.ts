/** Reads the beginning of a tool call written as a JSON object, from text that may end anywhere. */
export type CallHeader =
  /** It may still become a call. */
  | { kind: 'partial' }
  | { kind: 'none' }
  /** The arguments begin at this index. */
  | { kind: 'call'; name: string; argumentsAt: number }
  /** Arguments came before the name: the call is known only as a whole. It ends before this index. */
  | { kind: 'whole'; name: string; arguments: string; end: number };

const argumentKeys = ['arguments', 'parameters'];
const keys = ['name', 'type', 'id', ...argumentKeys];

/** @param names the functions that may be called: a JSON object with another name is no call. */
export function readCallHeader(text: string, start: number, names: readonly string[]): CallHeader {
  const partial: CallHeader = { kind: 'partial' };
  const none: CallHeader = { kind: 'none' };
  let at = skipSpace(text, start);
  if (at === text.length) return partial;
  if (text[at] !== '{') return none;
  let name: string | null = null;
  let earlyArguments: string | null = null;
  for (;;) {
    at = skipSpace(text, at + 1);
    const key = readWord(text, at, keys);
    if (key === 'partial') return partial;
    if (key === 'none') return none;
    at = skipSpace(text, key.end);
    if (at === text.length) return partial;
    if (text[at] !== ':') return none;
    at = skipSpace(text, at + 1);
    if (at === text.length) return partial;
    if (key.word === 'name') {
      const value = readWord(text, at, names);
      if (value === 'partial') return partial;
      if (value === 'none') return none;
      name = value.word;
      at = value.end;
    } else if (argumentKeys.includes(key.word) && name !== null) {
      return { kind: 'call', name, argumentsAt: at };
    } else {
      const end = valueEnd(text, at);
      if (end === null) return partial;
      if (argumentKeys.includes(key.word)) earlyArguments = text.slice(at, end);
      at = end;
    }
    at = skipSpace(text, at);
    if (at === text.length) return partial;
    if (text[at] === '}' && name !== null && earlyArguments !== null) {
      return { kind: 'whole', name, arguments: earlyArguments, end: at + 1 };
    }
    if (text[at] !== ',') return none;
  }
}

/** A quoted string that is one of `words`, none of which needs an escape. */
function readWord(
  text: string,
  start: number,
  words: readonly string[],
): { word: string; end: number } | 'partial' | 'none' {
  const rest = text.slice(start, start + 80);
  for (const word of words) {
    const quoted = `"${word}"`;
    if (rest.startsWith(quoted)) return { word, end: start + quoted.length };
  }
  return words.some((word) => `"${word}"`.startsWith(rest)) ? 'partial' : 'none';
}

export function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && ' \n\r\t'.includes(text.charAt(at))) at++;
  return at;
}

/** Index after the JSON value at `start`; null when the text ends inside it. */
function valueEnd(text: string, start: number): number | null {
  const scanner = new JsonValueScanner();
  const length = scanner.push(text.slice(start));
  return scanner.ended ? start + length : null;
}

/** Finds the end of a JSON value that comes in pieces; it looks at brackets, quotes and escapes alone. */
export class JsonValueScanner {
  #depth: number;
  #inString = false;
  #escaped = false;
  #begun = false;
  ended = false;

  /** @param depth brackets that were opened before the text begins. */
  constructor(depth = 0) {
    this.#depth = depth;
    this.#begun = depth > 0;
  }

  /** @returns how many characters of `text` belong to the value. */
  push(text: string): number {
    for (let index = 0; index < text.length; index++) {
      const character = text.charAt(index);
      if (!this.#inString && this.#depth === 0 && this.#begun && ',}] \n\r\t'.includes(character)) {
        this.ended = true;
        return index;
      }
      this.#read(character);
      if (this.ended) return index + 1;
    }
    return text.length;
  }

  #read(character: string): void {
    this.#begun = true;
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (character === '\\') this.#escaped = true;
      else if (character === '"') {
        this.#inString = false;
        this.ended = this.#depth === 0;
      }
    } else if (character === '"') this.#inString = true;
    else if (character === '{' || character === '[') this.#depth++;
    else if (character === '}' || character === ']') {
      this.#depth--;
      this.ended = this.#depth === 0;
    }
  }
}
