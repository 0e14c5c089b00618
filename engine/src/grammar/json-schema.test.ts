import { ApiError } from '@weai/protocol/errors';
import { describe, expect, test } from 'vitest';
import { GbnfMatcher } from './gbnf-matcher.testing.ts';
import { jsonObjectGrammar, jsonSchemaToGrammar, type SchemaOptions } from './json-schema.ts';

type Undeclared = SchemaOptions['undeclaredProperties'];

function matcher(schema: unknown, undeclaredProperties: NonNullable<Undeclared> = 'deny'): GbnfMatcher {
  return new GbnfMatcher(jsonSchemaToGrammar(schema, { param: 'schema', undeclaredProperties }));
}

function refusal(schema: unknown): { code: string; param: string | null } {
  try {
    jsonSchemaToGrammar(schema, { param: 'schema' });
  } catch (error) {
    if (error instanceof ApiError) return { code: error.code, param: error.param };
    throw error;
  }
  throw new Error(`${JSON.stringify(schema)} was compiled`);
}

interface Case {
  name: string;
  schema: unknown;
  accepted: string[];
  refused: string[];
}

const person = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };

const cases: Case[] = [
  {
    name: 'type string',
    schema: { type: 'string' },
    accepted: ['""', '"a\\n\\u00e9"', '"😀"', '"\\ud83d\\ude00"'],
    refused: ['a', '"a', '"\n"', '"\\x"', '"\\ud83d"', '"\\ude00"', '1'],
  },
  {
    name: 'several types',
    schema: { type: ['integer', 'null'] },
    accepted: ['1', '-20', 'null'],
    refused: ['1.5', '"1"', '01'],
  },
  {
    name: 'integer among numbers',
    schema: { type: ['integer', 'number'] },
    accepted: ['1', '1.5'],
    refused: ['true'],
  },
  {
    name: 'number',
    schema: { type: 'number' },
    accepted: ['0', '-1.25', '6.02e23', '1E-7'],
    refused: ['.5', '1.', '+1', '1e', '1'.repeat(18), 'NaN'],
  },
  { name: 'boolean', schema: { type: 'boolean' }, accepted: ['true', 'false'], refused: ['True', '0'] },
  {
    name: 'enum',
    schema: { enum: ['red', 'rose', 'redder', 3, null, 'q"'] },
    accepted: ['"red"', '"rose"', '"redder"', '3', 'null', '"q\\""'],
    refused: ['"re"', '"redd"', '33'],
  },
  {
    name: 'enum within a type',
    schema: { type: 'string', enum: ['a', 1] },
    accepted: ['"a"'],
    refused: ['1'],
  },
  {
    name: 'const structure',
    schema: { const: { a: [1, 'b'] } },
    accepted: ['{"a":[1,"b"]}', '{"a": [1, "b"]}'],
    refused: ['{"a":[1]}'],
  },
  {
    name: 'required and optional in order',
    schema: {
      type: 'object',
      properties: { a: { type: 'integer' }, b: { type: 'integer' }, c: { type: 'integer' } },
      required: ['b'],
    },
    accepted: ['{"b":1}', '{"a":1,"b":1}', '{"b": 1, "c": 2}', '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}'],
    refused: ['{}', '{"a":1}', '{"b":1,"a":1}', '{"b":1,}', '{"b":1,"d":1}', '{,"b":1}', '{"b":1,"b":1}'],
  },
  {
    name: 'all optional',
    schema: { type: 'object', properties: { a: { type: 'null' }, b: { type: 'null' } } },
    accepted: ['{}', '{"a":null}', '{"b":null}', '{"a":null,"b":null}'],
    refused: ['{"b":null,"a":null}'],
  },
  {
    name: 'whitespace is bounded',
    schema: person,
    accepted: ['{ "name": "a" }'],
    refused: ['{  "name":"a"}', '{\n\n"name":"a"}', '{"name" : "a"}', '{"name":"a"} '],
  },
  {
    name: 'additionalProperties with a schema',
    schema: {
      type: 'object',
      properties: { ab: { type: 'integer' } },
      additionalProperties: { type: 'boolean' },
    },
    accepted: ['{}', '{"ab":1}', '{"ab":1,"x":true}', '{"a":true}', '{"abc":true,"":false}'],
    refused: ['{"ab":true}', '{"x":1}', '{"a\\u0062":true}'],
  },
  {
    name: 'additionalProperties without properties',
    schema: { type: 'object', additionalProperties: { type: 'integer' } },
    accepted: ['{}', '{"x":1,"y":2}'],
    refused: ['{"x":"1"}'],
  },
  {
    name: 'propertyNames',
    schema: {
      type: 'object',
      propertyNames: { enum: ['x', 'y'] },
      additionalProperties: { type: 'integer' },
    },
    accepted: ['{"x":1}', '{"x":1,"y":2}'],
    refused: ['{"z":1}'],
  },
  {
    name: 'array counts',
    schema: { type: 'array', items: { type: 'integer' }, minItems: 1, maxItems: 3 },
    accepted: ['[1]', '[1, 2, 3]'],
    refused: ['[]', '[1,2,3,4]', '[1,]'],
  },
  {
    name: 'array from two',
    schema: { type: 'array', items: { type: 'integer' }, minItems: 2 },
    accepted: ['[1,2]', '[1,2,3,4]'],
    refused: ['[]', '[1]'],
  },
  { name: 'empty array', schema: { type: 'array', maxItems: 0 }, accepted: ['[]'], refused: ['[1]'] },
  {
    name: 'tuple',
    schema: {
      type: 'array',
      prefixItems: [{ type: 'integer' }, { type: 'string' }],
      items: false,
      minItems: 1,
    },
    accepted: ['[1]', '[1,"a"]'],
    refused: ['[]', '["a"]', '[1,"a",2]'],
  },
  {
    name: 'tuple and more',
    schema: { type: 'array', prefixItems: [{ type: 'integer' }], items: { type: 'boolean' } },
    accepted: ['[]', '[1]', '[1,true,false]'],
    refused: ['[true]', '[1,1]'],
  },
  {
    name: 'string lengths',
    schema: { type: 'string', minLength: 2, maxLength: 3 },
    accepted: ['"ab"', '"a\\n😀"', '"\\ud83d\\ude00a"'],
    refused: ['"a"', '"abcd"'],
  },
  {
    name: 'anyOf and null',
    schema: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    accepted: ['"a"', 'null'],
    refused: ['1'],
  },
  {
    name: 'anyOf beside properties',
    schema: {
      type: 'object',
      properties: { a: { type: 'integer' }, b: { type: 'integer' } },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    accepted: ['{"a":1}', '{"b":1}', '{"a":1,"b":1}'],
    refused: ['{}'],
  },
  {
    name: 'oneOf',
    schema: { oneOf: [{ type: 'integer' }, { const: 'x' }] },
    accepted: ['1', '"x"'],
    refused: ['"y"'],
  },
  {
    name: 'allOf',
    schema: { allOf: [person, { properties: { age: { type: 'integer' } }, required: ['age'] }] },
    accepted: ['{"name":"a","age":1}'],
    refused: ['{"name":"a"}', '{"age":1}'],
  },
  {
    name: 'allOf of bounds',
    schema: {
      allOf: [
        { type: 'number', minimum: 1 },
        { type: 'integer', maximum: 3 },
      ],
    },
    accepted: ['1', '3'],
    refused: ['0', '4', '1.5'],
  },
  {
    name: '$ref beside a keyword',
    schema: { $ref: '#/$defs/s', maxLength: 2, $defs: { s: { type: 'string' } } },
    accepted: ['"ab"'],
    refused: ['"abc"', '1'],
  },
  {
    name: 'recursion',
    schema: {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: {
            value: { type: 'integer' },
            next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
          },
          required: ['value', 'next'],
        },
      },
    },
    accepted: ['{"value":1,"next":null}', '{"value":1,"next":{"value":2,"next":null}}'],
    refused: ['{"value":1}', '{"value":1,"next":{}}'],
  },
  {
    name: 'recursion through the root',
    schema: { type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } } } },
    accepted: ['{}', '{"children":[{},{"children":[]}]}'],
    refused: ['{"children":[1]}'],
  },
  {
    name: 'pointer with escapes',
    schema: { $ref: '#/$defs/a~1b%20c', $defs: { 'a/b c': { const: 1 } } },
    accepted: ['1'],
    refused: ['2'],
  },
  {
    name: 'a branch that nothing matches',
    schema: { anyOf: [false, { type: 'integer' }] },
    accepted: ['1'],
    refused: ['null'],
  },
  {
    name: 'properties without a type',
    schema: { properties: { a: { const: 1 } } },
    accepted: ['{"a":1}', '{}'],
    refused: ['1'],
  },
  { name: 'anything', schema: {}, accepted: ['1', '{"a":[{}]}', '"x"', 'null'], refused: ['', '{a:1}'] },
  {
    name: 'names with special characters',
    schema: {
      type: 'object',
      properties: { 'a "b"\n[c]': { type: 'integer' }, __proto__: {} },
      required: ['a "b"\n[c]'],
    },
    accepted: ['{"a \\"b\\"\\n[c]":1}'],
    refused: ['{}'],
  },
];

describe('jsonSchemaToGrammar', () => {
  test.each(cases)('holds $name', ({ schema, accepted, refused }) => {
    const grammar = matcher(schema);
    expect(accepted.filter((text) => !grammar.accepts(text))).toEqual([]);
    expect(refused.filter((text) => grammar.accepts(text))).toEqual([]);
  });

  test.each<[Undeclared, boolean, boolean]>([
    ['allow', true, true],
    ['deny', false, false],
    ['allow-if-none-declared', false, true],
  ])('where a schema is silent, undeclared properties follow %s', (undeclared, declaring, bare) => {
    expect(matcher(person, undeclared ?? 'allow').accepts('{"name":"a","x":1}')).toBe(declaring);
    expect(matcher({ type: 'object' }, undeclared ?? 'allow').accepts('{"x":1}')).toBe(bare);
  });

  test.each<[string, unknown, string, string]>([
    [
      'an unknown keyword',
      { type: 'object', properties: { a: { if: {} } } },
      'unsupported_value',
      'schema.properties.a.if',
    ],
    ['not', { not: {} }, 'unsupported_value', 'schema.not'],
    ['uniqueItems', { type: 'array', uniqueItems: true }, 'unsupported_value', 'schema.uniqueItems'],
    ['multipleOf', { items: { multipleOf: 2 } }, 'unsupported_value', 'schema.items.multipleOf'],
    [
      'an unknown format',
      { anyOf: [{ type: 'string', format: 'colour' }] },
      'unsupported_value',
      'schema.anyOf.0.format',
    ],
    [
      'a pattern beside a length',
      { type: 'string', pattern: 'a', maxLength: 2 },
      'unsupported_value',
      'schema',
    ],
    ['lookaround', { properties: { a: { pattern: '^(?!x)' } } }, 'unsupported_value', 'schema.properties.a'],
    ['another document', { $ref: 'https://example.com/x' }, 'unsupported_value', 'schema.$ref'],
    ['a dangling reference', { $ref: '#/$defs/x' }, 'invalid_value', 'schema.$ref'],
    ['a reference to itself', { $ref: '#' }, 'invalid_value', 'schema'],
    ['itself in allOf', { allOf: [{ $ref: '#' }] }, 'invalid_value', 'schema'],
    ['itself in anyOf', { anyOf: [{ $ref: '#' }, { type: 'null' }] }, 'invalid_value', 'schema'],
    ['a value without end', { properties: { a: { $ref: '#' } }, required: ['a'] }, 'invalid_value', 'schema'],
    ['an unknown type', { type: 'text' }, 'invalid_value', 'schema.type'],
    ['no type', { type: [] }, 'invalid_value', 'schema.type'],
    ['an empty enum', { enum: [] }, 'invalid_value', 'schema.enum'],
    [
      'types that exclude each other',
      { allOf: [{ type: 'string' }, { type: 'null' }] },
      'invalid_value',
      'schema.type',
    ],
    [
      'a forbidden property that is required',
      { properties: { a: false }, required: ['a'] },
      'invalid_value',
      'schema.required',
    ],
    ['an empty range', { type: 'integer', minimum: 3, maximum: 2 }, 'invalid_value', 'schema'],
    ['swapped lengths', { minLength: 3, maxLength: 2 }, 'invalid_value', 'schema.maxLength'],
    ['a negative length', { minLength: -1 }, 'invalid_value', 'schema.minLength'],
    ['swapped counts', { minItems: 3, maxItems: 2 }, 'invalid_value', 'schema.minItems'],
    ['false', false, 'invalid_value', 'schema'],
    ['no schema', 'string', 'invalid_value', 'schema'],
    ['a long count', { type: 'string', maxLength: 1_000_000 }, 'unsupported_value', 'schema.maxLength'],
    ['counts that add up', { minLength: 39_999, maxLength: 40_000 }, 'unsupported_value', 'schema'],
    [
      'a huge count in a property',
      { properties: { a: { type: 'array', minItems: 1e9 } } },
      'unsupported_value',
      'schema.properties.a.minItems',
    ],
    ['old tuples', { items: [{}] }, 'unsupported_value', 'schema.items'],
  ])('refuses %s', (_name, schema, code, param) => {
    expect(refusal(schema)).toEqual({ code, param });
  });

  test.each<[string, unknown]>([
    ['deep nesting', Array.from({ length: 500 }).reduce((inner) => ({ type: 'array', items: inner }), {})],
    [
      'lengths in a long list',
      { prefixItems: Array.from({ length: 500 }, () => ({ type: 'string', maxLength: 900 })) },
    ],
    [
      'alternatives that multiply',
      {
        allOf: Array.from({ length: 8 }, () => ({
          anyOf: Array.from({ length: 8 }, () => ({ minLength: 1 })),
        })),
      },
    ],
    ['recursion that multiplies', { type: 'object', anyOf: [{ $ref: '#' }, { $ref: '#' }] }],
    [
      'allOf that doubles',
      {
        $defs: Object.fromEntries(
          Array.from({ length: 30 }, (_, index) => [
            `d${index}`,
            { allOf: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }] },
          ]),
        ),
        $ref: '#/$defs/d0',
      },
    ],
    [
      'many properties',
      { properties: Object.fromEntries(Array.from({ length: 9000 }, (_, index) => [`p${index}`, {}])) },
    ],
    ...['minLength', 'maxLength', 'minItems', 'maxItems'].flatMap((keyword): [string, unknown][] =>
      [1e9, Number.MAX_SAFE_INTEGER].map((count) => [`${keyword} ${count}`, { [keyword]: count }]),
    ),
    ['a pattern with a huge count', { pattern: 'a{1,999999999}' }],
    ['a nested pattern', { pattern: '('.repeat(100) + 'a' + ')'.repeat(100) }],
  ])('refuses a schema bomb quickly: %s', (_name, schema) => {
    const start = performance.now();
    expect(['invalid_value', 'unsupported_value']).toContain(refusal(schema).code);
    expect(performance.now() - start).toBeLessThan(1500);
  });

  test('takes a long text', () => {
    const grammar = matcher({ type: 'string', minLength: 1500, maxLength: 3500 });
    expect(
      [1499, 1500, 2600, 3500, 3501].map((length) => grammar.accepts(`"${'a'.repeat(length)}"`)),
    ).toEqual([false, true, true, true, false]);
  });
});

test('jsonObjectGrammar takes objects alone', () => {
  const grammar = new GbnfMatcher(jsonObjectGrammar);
  expect(['{}', '{"a": [1, {"b": null}], "c": "d"}'].filter((text) => !grammar.accepts(text))).toEqual([]);
  expect(['[]', '1', '{"a":}', '{} ', '{"a":1,}'].filter((text) => grammar.accepts(text))).toEqual([]);
});
