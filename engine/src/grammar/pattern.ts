/**
 * Regular expressions of JSON Schema's `pattern` (ECMA-262) as grammars of a JSON string's text. The pattern is only
 * translated, never run, so it can't be made to run for ever.
 */
import { complement, jsonCharacter, union, type CodePoints } from './code-points.ts';
import { choice, repeat, sequence, type Expression } from './gbnf.ts';
import { GrammarError } from './grammar-rules.ts';
import type { JsonRules } from './json-rules.ts';

const digitSet: CodePoints = [[0x30, 0x39]];
const wordSet: CodePoints = union(digitSet, [
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]);
const spaceSet: CodePoints = union([
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x16_80, 0x16_80],
  [0x20_00, 0x20_0a],
  [0x20_28, 0x20_29],
  [0x20_2f, 0x20_2f],
  [0x20_5f, 0x20_5f],
  [0x30_00, 0x30_00],
  [0xfe_ff, 0xfe_ff],
]);
const lineEnds: CodePoints = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x20_28, 0x20_29],
];
const classEscapes = new Map<string, CodePoints>([
  ['d', digitSet],
  ['D', complement(digitSet)],
  ['w', wordSet],
  ['W', complement(wordSet)],
  ['s', spaceSet],
  ['S', complement(spaceSet)],
]);
const controlEscapes = new Map([
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['f', 0x0c],
  ['v', 0x0b],
  ['0', 0x00],
]);
const maxLength = 1000;
const maxNesting = 20;

/**
 * The text of a string that a pattern matches, without its quotes. A side without an anchor may have more text.
 * @throws GrammarError for what a grammar can't hold: lookaround, back-references, word boundaries, Unicode properties.
 */
export function patternExpression(pattern: string, rules: JsonRules): Expression {
  if (pattern.length > maxLength)
    throw new GrammarError(`its pattern is longer than ${maxLength} characters`);
  return new PatternReader([...pattern], rules).read();
}

class PatternReader {
  #characters: readonly string[];
  #rules: JsonRules;
  #at = 0;
  #nesting = 0;

  constructor(characters: readonly string[], rules: JsonRules) {
    this.#characters = characters;
    this.#rules = rules;
  }

  read(): Expression {
    const options: Expression[] = [];
    do {
      const start = this.#take('^') ? [] : [this.#anything()];
      const items = this.#items();
      const end = this.#take('$') ? [] : [this.#anything()];
      options.push(sequence(...start, ...items, ...end));
    } while (this.#take('|'));
    if (this.#peek() === ')') throw new GrammarError('its pattern closes a group that is not open');
    if (this.#peek() !== undefined) throw new GrammarError('its pattern has an anchor inside');
    return choice(...options);
  }

  #anything(): Expression {
    return { kind: 'repeat', item: this.#rules.character, min: 0, max: null };
  }

  #peek(): string | undefined {
    return this.#characters[this.#at];
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }

  #next(): string {
    const character = this.#peek();
    if (character === undefined) throw new GrammarError('its pattern ends too early');
    this.#at++;
    return character;
  }

  #items(): Expression[] {
    const items: Expression[] = [];
    for (;;) {
      const character = this.#peek();
      if (character === undefined || character === '|' || character === ')' || character === '$')
        return items;
      items.push(this.#quantified(this.#atom()));
    }
  }

  #atom(): Expression {
    const character = this.#next();
    if (character === '(') return this.#group();
    if (character === '[') return this.#character(this.#class());
    if (character === '.') return this.#character(complement(lineEnds));
    if (character === '\\') return this.#character(this.#escape());
    if (character === '^') throw new GrammarError('its pattern has an anchor inside');
    if ('*+?{'.includes(character)) throw new GrammarError('its pattern repeats nothing');
    return this.#character(one(character));
  }

  #group(): Expression {
    if (this.#take('?') && !this.#take(':')) {
      if (!(this.#take('<') && /^[A-Za-z_$]$/.test(this.#peek() ?? ''))) {
        throw new GrammarError('its pattern looks around, which is not supported');
      }
      while (this.#next() !== '>');
    }
    this.#nesting++;
    if (this.#nesting > maxNesting) throw new GrammarError('its pattern is nested too deeply');
    const options: Expression[] = [];
    do options.push(sequence(...this.#items()));
    while (this.#take('|'));
    if (this.#peek() === '$') throw new GrammarError('its pattern has an anchor inside');
    if (!this.#take(')')) throw new GrammarError('its pattern leaves a group open');
    this.#nesting--;
    return choice(...options);
  }

  #quantified(item: Expression): Expression {
    let result = item;
    if (this.#take('*')) result = repeat(item, 0, null);
    else if (this.#take('+')) result = repeat(item, 1, null);
    else if (this.#take('?')) result = repeat(item, 0, 1);
    else if (this.#take('{')) result = this.#counted(item);
    else return item;
    // A lazy quantifier matches the same texts.
    this.#take('?');
    return result;
  }

  #counted(item: Expression): Expression {
    let counts = '';
    for (let character = this.#next(); character !== '}'; character = this.#next()) counts += character;
    const match = /^(\d{1,5})(,(\d{0,5}))?$/.exec(counts);
    if (match === null) throw new GrammarError(`its pattern has the count {${counts.slice(0, 20)}}`);
    const min = Number(match[1]);
    const max = match[2] === undefined ? min : match[3] === '' ? null : Number(match[3]);
    if (max !== null && max < min) throw new GrammarError('its pattern has a count whose ends are swapped');
    return repeat(item, min, max);
  }

  #class(): CodePoints {
    const negated = this.#take('^');
    const sets: CodePoints[] = [];
    while (!this.#take(']')) {
      const first = this.#classMember();
      if (this.#peek() !== '-' || this.#characters[this.#at + 1] === ']') {
        sets.push(first);
        continue;
      }
      this.#at++;
      const last = this.#classMember();
      const from = single(first);
      const to = single(last);
      if (from === null || to === null || from > to)
        throw new GrammarError('its pattern has a range that is none');
      sets.push([[from, to]]);
    }
    const set = union(...sets);
    return negated ? complement(set) : set;
  }

  #classMember(): CodePoints {
    const character = this.#next();
    if (character !== '\\') return one(character);
    return this.#take('b') ? [[0x08, 0x08]] : this.#escape();
  }

  #escape(): CodePoints {
    const character = this.#next();
    const set = classEscapes.get(character);
    if (set !== undefined) return set;
    const control = controlEscapes.get(character);
    if (control !== undefined) return [[control, control]];
    if (character === 'x') return this.#hexadecimal(2);
    if (character === 'u') return this.#take('{') ? this.#bracedHexadecimal() : this.#hexadecimal(4);
    if (/[A-Za-z0-9]/.test(character)) {
      throw new GrammarError(`its pattern uses \\${character}, which is not supported`);
    }
    return one(character);
  }

  #hexadecimal(length: number): CodePoints {
    let digits = '';
    while (digits.length < length) digits += this.#next();
    return fromHexadecimal(digits);
  }

  #bracedHexadecimal(): CodePoints {
    let digits = '';
    for (let character = this.#next(); character !== '}'; character = this.#next()) digits += character;
    return fromHexadecimal(digits);
  }

  #character(set: CodePoints): Expression {
    const expression = jsonCharacter(set);
    if (expression === null) throw new GrammarError('its pattern has a class that no character is in');
    if (expression.kind !== 'choice') return expression;
    return this.#rules.shared(
      `c${set
        .flat()
        .map((code) => code.toString(16))
        .join('-')}-set`,
      () => expression,
    );
  }
}

function one(character: string): CodePoints {
  const code = character.codePointAt(0) ?? 0;
  return [[code, code]];
}

function single(set: CodePoints): number | null {
  const [range, ...others] = set;
  return range !== undefined && others.length === 0 && range[0] === range[1] ? range[0] : null;
}

function fromHexadecimal(digits: string): CodePoints {
  const code = /^[0-9a-fA-F]{1,6}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
  if (code < 0 || code > 0x10_ff_ff || (code >= 0xd8_00 && code <= 0xdf_ff)) {
    throw new GrammarError(`its pattern has the escape \\u${digits.slice(0, 8)}`);
  }
  return [[code, code]];
}
