/**
 * Grammars for numbers between two bounds, digit by digit. A number is written without an exponent and with at most
 * 16 digits on either side of the point.
 */
import { characterClass, choice, optional, sequence, text, type Expression } from './gbnf.ts';
import { UnsatisfiableError } from './grammar-rules.ts';

/** One end of a range. `exclusive`: the value itself is outside. */
export interface Bound {
  value: number;
  exclusive: boolean;
}

export interface Range {
  minimum: Bound | null;
  maximum: Bound | null;
}

/** A bound's magnitude as decimal digits; the fraction has no trailing zeros. */
interface Decimal {
  whole: bigint;
  fraction: string;
  exclusive: boolean;
}

const maxDigits = 16;
const largest = 10n ** BigInt(maxDigits) - 1n;
const zero: Decimal = { whole: 0n, fraction: '', exclusive: false };

/** Whole numbers in a range. @throws UnsatisfiableError when there are none. */
export function integerRange(range: Range): Expression {
  const low = range.minimum === null ? -largest : wholeAbove(range.minimum);
  const high = range.maximum === null ? largest : wholeBelow(range.maximum);
  const options: Expression[] = [];
  if (low < 0n) {
    const negative = wholeBetween(high < 0n ? -high : 1n, -low);
    if (negative !== null) options.push(sequence(text('-'), negative));
  }
  const positive = wholeBetween(low > 0n ? low : 0n, high);
  if (positive !== null) options.push(positive);
  if (options.length === 0) throw new UnsatisfiableError('no number is in its range');
  return choice(...options);
}

/** Numbers in a range. @throws UnsatisfiableError when there are none. */
export function numberRange(range: Range): Expression {
  const { minimum, maximum } = range;
  const options: Expression[] = [];
  if (minimum === null || minimum.value < 0) {
    const low = maximum !== null && maximum.value < 0 ? decimal(maximum) : { ...zero, exclusive: true };
    const negative = magnitudeBetween(low, minimum === null ? null : decimal(minimum));
    if (negative !== null) options.push(sequence(text('-'), negative));
  }
  if (maximum === null || maximum.value >= 0) {
    const low = minimum !== null && minimum.value >= 0 ? decimal(minimum) : zero;
    const positive = magnitudeBetween(low, maximum === null ? null : decimal(maximum));
    if (positive !== null) options.push(positive);
  }
  if (options.length === 0) throw new UnsatisfiableError('no number is in its range');
  return choice(...options);
}

function wholeAbove(bound: Bound): bigint {
  const least = BigInt(Math.ceil(bound.value));
  return bound.exclusive && Number.isInteger(bound.value) ? least + 1n : least;
}

function wholeBelow(bound: Bound): bigint {
  const most = BigInt(Math.floor(bound.value));
  return bound.exclusive && Number.isInteger(bound.value) ? most - 1n : most;
}

/** Exact digits of the bound as it is written: 0.1 is one tenth. */
function decimal(bound: Bound): Decimal {
  const [mantissa = '', exponent = '0'] = Math.abs(bound.value).toString().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 0);
  return {
    whole: BigInt(padded.slice(0, at) || '0'),
    fraction: padded.slice(at).replace(/0+$/, ''),
    exclusive: bound.exclusive,
  };
}

function magnitudeBetween(low: Decimal, limit: Decimal | null): Expression | null {
  const high = limit === null || limit.whole > largest ? { ...zero, whole: largest } : limit;
  const options: Expression[] = [];
  const add = (whole: bigint, from: Fraction, to: Fraction | null): void => {
    if (whole > largest) return;
    const digits = text(String(whole));
    const fraction = fractionDigits(from, to, false);
    const isWhole =
      from.digits === '' && !from.exclusive && !(to !== null && to.digits === '' && to.exclusive);
    if (fraction === null) {
      if (isWhole) options.push(digits);
      return;
    }
    const tail = sequence(text('.'), fraction);
    options.push(sequence(digits, isWhole ? optional(tail) : tail));
  };
  const from = { digits: low.fraction, exclusive: low.exclusive };
  const to = { digits: high.fraction, exclusive: high.exclusive };
  if (low.whole > high.whole) return null;
  if (low.whole === high.whole) add(low.whole, from, to);
  else {
    add(low.whole, from, null);
    const between = wholeBetween(low.whole + 1n, high.whole - 1n);
    if (between !== null)
      options.push(sequence(between, optional(sequence(text('.'), digits(1, maxDigits)))));
    add(high.whole, { digits: '', exclusive: false }, to);
  }
  return options.length === 0 ? null : choice(...options);
}

/** Digits after the point, read as a fraction of one. */
interface Fraction {
  digits: string;
  exclusive: boolean;
}

/** Digits after the point from `low` to `high` (null: no end). `mayEnd`: some digit was written already. */
function fractionDigits(low: Fraction, high: Fraction | null, mayEnd: boolean): Expression | null {
  const open = low.digits === '' && !low.exclusive;
  if (open && high === null) return digits(mayEnd ? 0 : 1, maxDigits);
  if (high !== null && high.digits === '') {
    if (!open || high.exclusive) return null;
    return { kind: 'repeat', item: text('0'), min: mayEnd ? 0 : 1, max: maxDigits };
  }
  if (low.digits === '' && low.exclusive && high === null) {
    const nonZero = sequence(characterClass('[1-9]'), digits(0, maxDigits));
    return sequence({ kind: 'repeat', item: text('0'), min: 0, max: maxDigits }, nonZero);
  }
  const first = Number(low.digits[0] ?? '0');
  const last = high === null ? 9 : Number(high.digits[0]);
  const rest = { digits: low.digits.slice(1), exclusive: low.exclusive };
  const highRest = high === null ? null : { digits: high.digits.slice(1), exclusive: high.exclusive };
  const options: Expression[] = [];
  const add = (digit: number, from: Fraction, to: Fraction | null): void => {
    const tail = fractionDigits(from, to, true);
    if (tail !== null) options.push(sequence(text(String(digit)), tail));
  };
  const any = { digits: '', exclusive: false };
  if (first > last) return null;
  if (first === last && high !== null) add(first, rest, highRest);
  else {
    add(first, rest, null);
    const middle = digitClass(first + 1, high === null ? 9 : last - 1);
    if (middle !== null) options.push(sequence(middle, digits(0, maxDigits)));
    if (high !== null) add(last, any, highRest);
  }
  if (options.length === 0) return null;
  return mayEnd && open ? optional(choice(...options)) : choice(...options);
}

/** Whole numbers without sign from `low` to `high`, within 16 digits; null when there are none. */
function wholeBetween(low: bigint, high: bigint): Expression | null {
  const end = high > largest ? largest : high;
  if (low > end) return null;
  const options: Expression[] = [];
  // Lengths of which every number is inside.
  const fullLengths = String(end + 1n).length - 1;
  for (let start = low; start <= end;) {
    const { length } = String(start);
    if (length < fullLengths && start === 10n ** BigInt(length - 1)) {
      options.push(sequence(characterClass('[1-9]'), digits(length - 1, fullLengths - 1)));
      start = 10n ** BigInt(fullLengths);
    } else {
      const top = 10n ** BigInt(length) - 1n;
      const stop = top < end ? top : end;
      options.push(sameLength(String(start), String(stop)));
      start = stop + 1n;
    }
  }
  return choice(...options);
}

function sameLength(low: string, high: string): Expression {
  if (low === high) return text(low);
  const rest = low.length - 1;
  const first = Number(low[0]);
  const last = Number(high[0]);
  if (rest === 0) return digitClass(first, last) ?? text(low);
  if (first === last) return sequence(text(low.slice(0, 1)), sameLength(low.slice(1), high.slice(1)));
  const fromZero = /^0*$/.test(low.slice(1));
  const toNine = /^9*$/.test(high.slice(1));
  const options: Expression[] = [];
  if (!fromZero) options.push(sequence(text(String(first)), sameLength(low.slice(1), '9'.repeat(rest))));
  const middle = digitClass(fromZero ? first : first + 1, toNine ? last : last - 1);
  if (middle !== null) options.push(sequence(middle, digits(rest, rest)));
  if (!toNine) options.push(sequence(text(String(last)), sameLength('0'.repeat(rest), high.slice(1))));
  return choice(...options);
}

function digits(min: number, max: number): Expression {
  return { kind: 'repeat', item: characterClass('[0-9]'), min, max };
}

function digitClass(first: number, last: number): Expression | null {
  if (first > last) return null;
  return first === last ? text(String(first)) : characterClass(`[${first}-${last}]`);
}
