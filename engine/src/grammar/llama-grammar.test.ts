import { describe, expect, test } from 'vitest';
import { loadLlama } from '../llama/library.ts';
import { jsonObjectGrammar, jsonSchemaToGrammar } from './json-schema.ts';
import { knownFormats } from './string-formats.ts';

const llama = loadLlama();

/** Whether llama.cpp itself can parse a grammar; parsing needs no vocabulary. */
function parses(grammar: string): boolean {
  const sampler = llama.grammar(0n, grammar, 'root');
  if (!sampler) return false;
  llama.samplerFree(sampler);
  return true;
}

const schemas: [string, unknown][] = [
  ['anything', {}],
  [
    'texts with quotes, brackets and line breaks',
    { enum: ['"', '\\', ']', '[^a]', '\n\r\t', '\u0001', '😀', '#', '{2}'] },
  ],
  [
    'names with quotes',
    { properties: { 'a"b\\c\n': {} }, required: ['a"b\\c\n'], additionalProperties: true },
  ],
  ['numbers between bounds', { type: 'number', exclusiveMinimum: -1.5, maximum: 1e6 }],
  ['a long text', { type: 'string', minLength: 2500, maxLength: 12_000 }],
  ['long texts in long lists', { maxItems: 900, items: { maxItems: 900, items: { maxLength: 900 } } }],
  ['counts within counts', { pattern: '^(((a{900}){900}){900}){900}$' }],
  ['classes', { pattern: '^[^\\]\\[^"\\\\-]\\W\\S.[\\x00-\\x20]$' }],
  ['recursion', { type: 'object', properties: { next: { $ref: '#' } } }],
  [
    'many optional properties',
    {
      properties: Object.fromEntries(
        Array.from({ length: 300 }, (_, index) => [`p${index}`, { type: 'null' }]),
      ),
    },
  ],
  ...knownFormats.map((format): [string, unknown] => [format, { type: 'string', format }]),
];

describe('llama.cpp parses grammars', () => {
  test.each(schemas)('of %s', (_name, schema) => {
    expect(parses(jsonSchemaToGrammar(schema, { param: 'schema' }))).toBe(true);
  });

  test('of any object', () => {
    expect(parses(jsonObjectGrammar)).toBe(true);
  });

  test('but not all texts', () => {
    expect(parses('root ::= missing')).toBe(false);
  });
});
