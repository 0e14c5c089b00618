import { valid, type BadRequest } from './request.ts';

/** Bodies that are not JSON, or nest deeper than anybody needs. */
export const notJson: BadRequest[] = [
  ['an empty body', ''],
  ['half an object', '{"model": "smollm2-135m", "messages": ['],
  ['a trailing comma', '{"model": "smollm2-135m",}'],
  ['single quotes', "{'model': 'smollm2-135m'}"],
  ['text after the object', `${JSON.stringify(valid)} x`],
  ['NaN', JSON.stringify(valid).replace('2}', 'NaN}')],
  ['Infinity', JSON.stringify(valid).replace('2}', 'Infinity}')],
  ['a byte-order mark in the middle', JSON.stringify(valid).replace(':', '\uFEFF:')],
  ['a raw control character in a string', JSON.stringify(valid).replace('Hi', 'H\u0001i')],
  [
    'nesting 10,000 deep',
    JSON.stringify({ ...valid, metadata: '§' }).replace('"§"', nested('[', ']', 10_000)),
  ],
  ['objects nested 10,000 deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ['100,000 opening brackets', '['.repeat(100_000)],
].map(([name = '', body = '']) => ({ name, body, status: 400 }));

/** Bodies whose bytes or keys mean something else to another parser. */
export const notText: BadRequest[] = [
  { name: 'bytes that are not UTF-8', body: bytesIn(JSON.stringify(valid), 'Hi', [0xff, 0xfe]) },
  { name: 'an overlong encoding', body: bytesIn(JSON.stringify(valid), 'Hi', [0xc0, 0xaf]) },
  { name: 'half a UTF-8 character', body: bytesIn(JSON.stringify(valid), 'Hi', [0xe2, 0x82]) },
  { name: 'UTF-16', body: new Uint8Array(Buffer.from(JSON.stringify(valid), 'utf16le')) },
  { name: 'a NUL escape', body: JSON.stringify(valid).replace('Hi', String.raw`H\u0000i`) },
  { name: 'a lone high surrogate', body: JSON.stringify(valid).replace('Hi', String.raw`\ud83d`) },
  { name: 'a lone low surrogate', body: JSON.stringify(valid).replace('Hi', String.raw`\ude00`) },
  { name: '__proto__', body: JSON.stringify(valid).replace('{', '{"__proto__": {"admin": true}, ') },
  {
    name: '__proto__ inside',
    body: JSON.stringify(valid).replace('"content"', '"__proto__": {}, "content"'),
  },
  { name: 'constructor.prototype', body: JSON.stringify({ ...valid, constructor: { prototype: { a: 1 } } }) },
  { name: 'a key twice', body: JSON.stringify(valid).replace('{', '{"model": "llama3.1-8B", ') },
  {
    name: 'a key twice, once escaped',
    body: JSON.stringify(valid).replace('{', String.raw`{"mod\u0065l": "x", `),
  },
];

function nested(open: string, close: string, depth: number): string {
  return open.repeat(depth) + close.repeat(depth);
}

function bytesIn(text: string, replaced: string, bytes: number[]): Uint8Array<ArrayBuffer> {
  const [before = '', after = ''] = text.split(replaced);
  return new Uint8Array(Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]));
}
