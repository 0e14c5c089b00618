import { isUtf8 } from 'node:buffer';
import { ApiError } from '@weai/protocol/errors';
import { scanJson } from './json-scan.ts';

const byteOrderMark = Buffer.from('\uFEFF');

/**
 * Parses JSON as RFC 8259 wants it and I-JSON (RFC 7493) narrows it: valid UTF-8, no key twice, no lone surrogates;
 * further, no NUL and no nesting deeper than 64. A byte-order mark in front, which editors on Windows write, is left out.
 * Throws `ApiError` with the path of what is wrong.
 */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new ApiError('invalid_json', 'The request has no body: send a JSON object.');
  if (!isUtf8(bytes)) throw new ApiError('invalid_json', 'The body is not valid UTF-8.');
  const text = bytes.toString(
    'utf8',
    bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark) ? byteOrderMark.length : 0,
  );
  scanJson(text);
  const value = parse(text);
  // Both can only come from an escape, as their plain forms are not valid in JSON or in UTF-8.
  if (/\\u(0000|[dD][89a-fA-F])/.test(text)) refuseBadStrings(value, []);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const where = position === undefined ? '' : ` (at character ${position})`;
    throw new ApiError(
      'invalid_json',
      `The body is not valid JSON${where}: check for missing quotes or commas.`,
      {
        cause: error,
      },
    );
  }
}

function refuseBadStrings(value: unknown, path: (string | number)[]): void {
  if (typeof value === 'string') refuseBadString(value, path);
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) refuseBadStrings(item, [...path, index]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      refuseBadString(key, path);
      refuseBadStrings(item, [...path, key]);
    }
  }
}

function refuseBadString(text: string, path: (string | number)[]): void {
  const param = path.length === 0 ? null : path.join('.');
  if (text.includes('\0')) {
    throw new ApiError('invalid_json', 'A string contains the NUL character (\\u0000): remove it.', {
      param,
    });
  }
  if (!text.isWellFormed()) {
    throw new ApiError('invalid_json', 'A string contains half of a surrogate pair: send whole characters.', {
      param,
    });
  }
}
