/**
 * GBNF, llama.cpp's grammar notation, as a small expression tree: it can be measured and checked before it is printed.
 */
export type Expression =
  | { kind: 'text'; text: string }
  | { kind: 'class'; source: string }
  | { kind: 'sequence'; items: readonly Expression[] }
  | { kind: 'choice'; options: readonly Expression[] }
  | { kind: 'repeat'; item: Expression; min: number; max: number | null }
  | { kind: 'rule'; name: string };

/** Exactly this text. */
export function text(value: string): Expression {
  return { kind: 'text', text: value };
}

/** One character of a class, written as in GBNF: `[a-z]`, `[^"\\]`. */
export function characterClass(source: string): Expression {
  return { kind: 'class', source };
}

export function sequence(...items: Expression[]): Expression {
  return items.length === 1 && items[0] !== undefined ? items[0] : { kind: 'sequence', items };
}

/** @throws RangeError when there are no options: nothing could match. */
export function choice(...options: Expression[]): Expression {
  if (options.length === 0) throw new RangeError('a choice needs an option');
  return options.length === 1 && options[0] !== undefined ? options[0] : { kind: 'choice', options };
}

export function optional(item: Expression): Expression {
  return { kind: 'repeat', item, min: 0, max: 1 };
}

export function rule(name: string): Expression {
  return { kind: 'rule', name };
}

/** Copies of one expression above which llama.cpp refuses a repetition; longer ones are built from blocks. */
const blockLength = 1000;

/** `item` from `min` to `max` times (null: without end), whatever the counts. */
export function repeat(item: Expression, min: number, max: number | null): Expression {
  const fixed: Expression[] = [];
  let owed = min;
  for (; owed > blockLength; owed -= blockLength) {
    fixed.push({ kind: 'repeat', item, min: blockLength, max: blockLength });
  }
  if (max === null) return sequence(...fixed, { kind: 'repeat', item, min: owed, max: null });
  if (max - (min - owed) <= blockLength) {
    return sequence(...fixed, { kind: 'repeat', item, min: owed, max: max - (min - owed) });
  }
  if (owed > 0) fixed.push({ kind: 'repeat', item, min: owed, max: owed });
  return sequence(...fixed, atMost(item, max - min));
}

/** Either a whole block and then more, or less than a block: never more than two ways are open at once. */
function atMost(item: Expression, count: number): Expression {
  if (count <= blockLength) return { kind: 'repeat', item, min: 0, max: count };
  return choice(
    sequence({ kind: 'repeat', item, min: blockLength, max: blockLength }, atMost(item, count - blockLength)),
    { kind: 'repeat', item, min: 0, max: blockLength - 1 },
  );
}

/** One of several fixed texts, sharing what they have in common at the front so that few ways are open at once. */
export function oneOfTexts(values: readonly string[]): Expression {
  const characters = new Map<string, string[]>();
  let endsHere = false;
  for (const value of new Set(values)) {
    const first = firstCharacter(value);
    if (first === undefined) endsHere = true;
    else characters.set(first, [...(characters.get(first) ?? []), value.slice(first.length)]);
  }
  const options = [...characters].map(([first, rests]) => {
    const shared = commonPrefix(rests);
    const tails = rests.map((rest) => rest.slice(shared.length));
    const head = text(first + shared);
    return tails.every((tail) => tail === '') ? head : sequence(head, oneOfTexts(tails));
  });
  if (options.length === 0) return text('');
  return endsHere ? optional(choice(...options)) : choice(...options);
}

/** The first code point of a text; undefined when it is empty. */
export function firstCharacter(value: string): string | undefined {
  const code = value.codePointAt(0);
  return code === undefined ? undefined : String.fromCodePoint(code);
}

function commonPrefix(values: readonly string[]): string {
  const [first = '', ...others] = values;
  let length = first.length;
  for (const other of others) {
    let same = 0;
    while (same < length && other[same] === first[same]) same++;
    length = same;
  }
  // Half a surrogate pair is no character.
  const last = first.charCodeAt(length - 1);
  return first.slice(0, last >= 0xd8_00 && last < 0xdc_00 ? length - 1 : length);
}

/** Prints an expression as GBNF. */
export function printExpression(expression: Expression, nested = false): string {
  switch (expression.kind) {
    case 'text':
      return quote(expression.text);
    case 'class':
      return expression.source;
    case 'rule':
      return expression.name;
    case 'sequence': {
      const printed = expression.items.map((item) => printExpression(item, true)).join(' ');
      return expression.items.length === 0 ? '""' : nested ? `(${printed})` : printed;
    }
    case 'choice': {
      const printed = expression.options.map((option) => printExpression(option, true)).join(' | ');
      return nested ? `(${printed})` : printed;
    }
    case 'repeat': {
      const { item, min, max } = expression;
      if (max === 0) return '""';
      const printed =
        item.kind === 'repeat' || (item.kind === 'text' && [...item.text].length !== 1)
          ? `(${printExpression(item)})`
          : printExpression(item, true);
      return printed + quantifier(min, max);
    }
  }
}

function quantifier(min: number, max: number | null): string {
  if (min === 1 && max === 1) return '';
  if (max === null) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === 0 && max === 1) return '?';
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function quote(value: string): string {
  return `"${[...value].map(escapeCharacter).join('')}"`;
}

function escapeCharacter(character: string): string {
  if (character === '"') return '\\"';
  if (character === '\\') return '\\\\';
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0').toUpperCase()}` : character;
}
