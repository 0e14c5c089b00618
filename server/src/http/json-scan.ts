import { ApiError } from '@weai/protocol/errors';

const deepest = 64;
/** Thirty megabytes of `[],` or `1,` would take seconds and gigabytes. */
const mostValues = 500_000;
/** V8 makes slow dictionaries of objects with many keys. */
const mostKeys = 10_000;

const quote = 0x22;
const backslash = 0x5c;

/** An object or array that the scan is inside of. */
interface Container {
  /** The keys seen so far; null in an array. */
  keys: Set<string> | null;
  /** The key or index of the value that the scan is at. */
  at: string | number;
}

/**
 * Reads JSON text once, without building anything, for what `JSON.parse` would let pass or choke on: nesting deeper
 * than 64, more values or keys than anybody needs, the same key twice in an object, and keys that reach for an
 * object's prototype.
 * Text that isn't JSON passes: `JSON.parse` finds that. Throws `ApiError`.
 */
export function scanJson(text: string): void {
  const stack: Container[] = [];
  let inside: Container | undefined;
  let expectsKey = false;
  /** At least as many as there are: a comma is in front of one, and a container may begin with one. */
  let valueCount = 0;

  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case quote: {
        const end = closingQuote(text, index);
        if (expectsKey && inside?.keys) {
          const key = decodeKey(text, index, end);
          const twice = inside.keys.size === inside.keys.add(key).size;
          inside.at = key;
          if (inside.keys.size > mostKeys) {
            throw invalid(stack.slice(0, -1), `An object has more than ${mostKeys} keys.`);
          }
          if (twice) throw invalid(stack, `The key "${shorten(key)}" appears twice in one object.`);
          if (key === '__proto__' || (key === 'prototype' && stack.at(-2)?.at === 'constructor')) {
            throw invalid(stack, `The key "${key}" is not allowed.`);
          }
        }
        index = end;
        break;
      }
      case 0x7b: // {
        inside = { keys: new Set(), at: '' };
        expectsKey = true;
        if (stack.push(inside) > deepest) throw tooDeep(stack);
        if (++valueCount > mostValues) throw tooMany();
        break;
      case 0x5b: // [
        inside = { keys: null, at: 0 };
        expectsKey = false;
        if (stack.push(inside) > deepest) throw tooDeep(stack);
        if (++valueCount > mostValues) throw tooMany();
        break;
      case 0x7d: // }
      case 0x5d: // ]
        stack.pop();
        inside = stack.at(-1);
        expectsKey = false;
        break;
      case 0x3a: // :
        expectsKey = false;
        break;
      case 0x2c: // ,
        if (++valueCount > mostValues) throw tooMany();
        expectsKey = inside?.keys != null;
        if (typeof inside?.at === 'number') inside.at += 1;
        break;
    }
  }
}

/** Index of the quote that ends the string that begins at `start`; the text's end when there is none. */
function closingQuote(text: string, start: number): number {
  for (let end = start; ;) {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
}

function decodeKey(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  if (!raw.includes('\\')) return raw;
  try {
    const decoded: unknown = JSON.parse(`"${raw}"`);
    return String(decoded);
  } catch {
    return raw; // Not JSON, as the parser is going to say.
  }
}

function tooDeep(stack: Container[]): ApiError {
  return invalid(stack.slice(0, 4), `The body is nested deeper than ${deepest} levels.`);
}

function tooMany(): ApiError {
  return invalid([], `The body has more than ${mostValues} values.`);
}

function invalid(stack: Container[], message: string): ApiError {
  const path = stack.map((container) => shorten(String(container.at))).filter((part) => part !== '');
  return new ApiError('invalid_json', message, { param: path.length === 0 ? null : path.join('.') });
}

function shorten(key: string): string {
  const printable = key.replaceAll(/[\p{Cc}\p{Cs}]/gu, '?');
  return printable.length > 64 ? `${printable.slice(0, 63)}…` : printable;
}
