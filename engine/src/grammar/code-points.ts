/** Sets of Unicode code points, as sorted ranges, and how their characters are written inside a JSON string. */
import { characterClass, choice, sequence, text, type Expression } from './gbnf.ts';

export type CodePoints = readonly (readonly [first: number, last: number])[];

const everything: CodePoints = [
  [0, 0xd7_ff],
  [0xe0_00, 0x10_ff_ff],
];

/** Joins sets and puts their ranges in order. */
export function union(...sets: CodePoints[]): CodePoints {
  const sorted = sets.flat().toSorted((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [first, last] of sorted) {
    const previous = joined.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

/** Every code point that is not in the set; surrogates are in neither. */
export function complement(set: CodePoints): CodePoints {
  return everything.flatMap((range) => subtract(range, union(set)));
}

function subtract([first, last]: readonly [number, number], set: CodePoints): [number, number][] {
  const left: [number, number][] = [];
  let start = first;
  for (const [from, to] of set) {
    if (to < start || from > last) continue;
    if (from > start) left.push([start, from - 1]);
    start = to + 1;
  }
  if (start <= last) left.push([start, last]);
  return left;
}

/** Characters that stand in a JSON string only with a backslash (RFC 8259, section 7), and DEL. */
const escaped: CodePoints = [
  [0, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x7f, 0x7f],
];

const shortEscapes = new Map([
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x22, '"'],
  [0x5c, '\\'],
]);

/** One character of the set, as it is written inside a JSON string; null for the empty set. */
export function jsonCharacter(set: CodePoints): Expression | null {
  const plain = set.flatMap((range) => subtract(range, escaped));
  const options: Expression[] = [];
  if (plain.length > 0) {
    options.push(
      characterClass(
        `[${plain.map(([a, b]) => (a === b ? codePoint(a) : `${codePoint(a)}-${codePoint(b)}`)).join('')}]`,
      ),
    );
  }
  const short: string[] = [];
  const long: string[] = [];
  for (const [first, last] of escaped) {
    for (let code = first; code <= last; code++) {
      if (!set.some(([from, to]) => code >= from && code <= to)) continue;
      const name = shortEscapes.get(code);
      if (name === undefined) long.push(code.toString(16).padStart(2, '0'));
      else short.push(name);
    }
  }
  if (short.length > 0) options.push(sequence(text('\\'), choice(...short.map((name) => text(name)))));
  if (long.length > 0) options.push(sequence(text('\\u00'), choice(...long.map((code) => text(code)))));
  return options.length === 0 ? null : choice(...options);
}

function codePoint(code: number): string {
  return `\\U${code.toString(16).toUpperCase().padStart(8, '0')}`;
}
