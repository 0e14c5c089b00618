import { JsonValueScanner } from './json-call.ts';

/** Reads a call's arguments from text that comes in pieces and gives them on as JSON text. */
export interface ArgumentsReader {
  /** @returns how much of the text was read, and what it adds to the arguments. */
  push(text: string): { length: number; output: string };
  readonly ended: boolean;
}

/** Arguments as JSON, given on as they are; the object around them ends after `depth` more brackets. */
export class JsonArguments implements ArgumentsReader {
  #value = new JsonValueScanner();
  #around: JsonValueScanner | null;
  ended = false;

  constructor(insideObject: boolean) {
    this.#around = insideObject ? new JsonValueScanner(1) : null;
  }

  /** Whether all of the arguments were read, though perhaps not the object around them. */
  get complete(): boolean {
    return this.#value.ended;
  }

  push(text: string): { length: number; output: string } {
    const length = this.#value.ended ? 0 : this.#value.push(text);
    const output = text.slice(0, length);
    if (!this.#value.ended) return { length, output };
    const after = this.#around?.push(text.slice(length)) ?? 0;
    this.ended = this.#around?.ended ?? true;
    return { length: length + after, output };
  }
}

const simpleEscapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** Arguments as JSON inside a JSON string, as Llama 3.1 writes them at times: the string's text is given on. */
export class QuotedArguments implements ArgumentsReader {
  #around = new JsonValueScanner(1);
  #state: 'before' | 'text' | 'after' = 'before';
  #escape = '';
  ended = false;

  get complete(): boolean {
    return this.#state === 'after';
  }

  push(text: string): { length: number; output: string } {
    let output = '';
    for (let index = 0; index < text.length; index++) {
      if (this.#state === 'after') {
        const after = this.#around.push(text.slice(index));
        this.ended = this.#around.ended;
        return { length: index + after, output };
      }
      output += this.#read(text.charAt(index));
    }
    return { length: text.length, output };
  }

  #read(character: string): string {
    if (this.#state === 'before') {
      this.#state = 'text';
      return '';
    }
    if (this.#escape === '') {
      if (character === '\\') this.#escape = '\\';
      else if (character === '"') this.#state = 'after';
      else return character;
      return '';
    }
    this.#escape += character;
    const kind = this.#escape.charAt(1);
    if (kind === 'u' && this.#escape.length < 6) return '';
    const escape = this.#escape;
    this.#escape = '';
    if (kind === 'u') return String.fromCharCode(Number.parseInt(escape.slice(2), 16));
    return simpleEscapes[kind] ?? kind;
  }
}

/** Arguments of a Python-like call, `query="…", count=3)`, given on as a JSON object. */
export class KeywordArguments implements ArgumentsReader {
  #state: 'name' | 'value' | 'string' | 'closed-string' | 'bare' = 'name';
  #buffer = '';
  #quote = '';
  #escaped = false;
  #written = 0;
  ended = false;

  get complete(): boolean {
    return this.ended;
  }

  push(text: string): { length: number; output: string } {
    let output = '';
    let length = 0;
    while (length < text.length && !this.ended) {
      output += this.#read(text.charAt(length));
      length++;
    }
    return { length, output };
  }

  #read(character: string): string {
    switch (this.#state) {
      case 'name':
        return this.#name(character);
      case 'value':
        return this.#value(character);
      case 'string':
        return this.#string(character);
      case 'closed-string':
        return this.#closedString(character);
      case 'bare':
        return this.#bare(character);
    }
  }

  #name(character: string): string {
    if (character === ')') return this.#end();
    if (character !== '=') {
      if (!', \n'.includes(character)) this.#buffer += character;
      return '';
    }
    const before = this.#written === 0 ? '{' : ', ';
    const name = JSON.stringify(this.#buffer);
    this.#written++;
    this.#buffer = '';
    this.#state = 'value';
    return `${before}${name}: `;
  }

  #value(character: string): string {
    if (character === ' ') return '';
    if (character === '"' || character === "'") {
      this.#quote = character;
      this.#state = 'string';
      return '"';
    }
    this.#state = 'bare';
    return this.#bare(character);
  }

  #string(character: string): string {
    if (this.#escaped) {
      this.#escaped = false;
      const plain = character === this.#quote || character === '\\' ? character : simpleEscapes[character];
      return escapeText(plain ?? `\\${character}`);
    }
    if (character === '\\') this.#escaped = true;
    else if (character === this.#quote) {
      this.#state = 'closed-string';
      this.#buffer = character;
    } else return escapeText(character);
    return '';
  }

  /** Llama's template doesn't escape quotes: one ends the string only before a comma or the closing bracket. */
  #closedString(character: string): string {
    if (character === ',' || character === ')') {
      this.#buffer = '';
      this.#state = 'name';
      return `"${character === ')' ? this.#end() : ''}`;
    }
    if (character === ' ') {
      this.#buffer += character;
      return '';
    }
    const inside = escapeText(this.#buffer);
    this.#buffer = '';
    this.#state = 'string';
    return inside + this.#string(character);
  }

  #bare(character: string): string {
    if (character !== ',' && character !== ')') {
      this.#buffer += character;
      return '';
    }
    const value = bareValue(this.#buffer.trim());
    this.#buffer = '';
    this.#state = 'name';
    return value + (character === ')' ? this.#end() : '');
  }

  #end(): string {
    this.ended = true;
    return this.#written === 0 ? '{}' : '}';
  }
}

function escapeText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

const pythonConstants: Record<string, string> = { True: 'true', False: 'false', None: 'null' };

function bareValue(text: string): string {
  const constant = pythonConstants[text];
  if (constant !== undefined) return constant;
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(text) ? text : JSON.stringify(text);
}
