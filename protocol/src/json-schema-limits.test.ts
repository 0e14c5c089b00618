import { describe, expect, test } from 'vitest';
import { ApiError } from './errors.ts';
import { checkJsonSchema } from './json-schema-limits.ts';

function nested(levels: number): Record<string, unknown> {
  let schema: Record<string, unknown> = { type: 'string' };
  for (let level = 0; level < levels; level += 1) schema = { type: 'object', properties: { a: schema } };
  return schema;
}

function refusedAt(schema: Record<string, unknown>): string | null {
  try {
    checkJsonSchema(schema, 's');
  } catch (error) {
    if (error instanceof ApiError) return error.param;
    throw error;
  }
  return null;
}

describe('checkJsonSchema', () => {
  test.each<[string, Record<string, unknown>]>([
    ['an empty schema', {}],
    ['booleans as schemas', { additionalProperties: false, items: true }],
    ['thirty levels', nested(30)],
    ['a list of types', { type: ['string', 'null'] }],
    ['a recursion through an item', { $defs: { n: { items: { $ref: '#/$defs/n' } } }, $ref: '#/$defs/n' }],
    ['an escaped reference', { $defs: { 'a/b': { type: 'string' } }, $ref: '#/$defs/a~1b' }],
    ['properties named as keywords', { properties: { $ref: { type: 'string' }, type: {}, enum: {} } }],
  ])('accepts %s', (_, schema) => {
    expect(refusedAt(schema)).toBeNull();
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['too many levels', nested(40), 's'],
    ['an unknown type', { properties: { a: { type: 'text' } } }, 's.properties.a.type'],
    ['a remote reference', { $ref: 'https://example.com/schema' }, 's.$ref'],
    ['a dangling reference', { $ref: '#/$defs/none' }, 's.$ref'],
    ['a badly encoded reference', { $ref: '#/%' }, 's.$ref'],
    ['a reference to the prototype', { $ref: '#/constructor' }, 's.$ref'],
    ['a reference to what is not a schema', { examples: { a: {} }, $ref: '#/examples/a' }, 's'],
    ['a reference to itself', { $ref: '#' }, 's'],
    ['a cycle of alternatives', { $defs: { a: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/a' }] } } }, 's'],
    ['a pattern that is too long', { pattern: 'a'.repeat(513) }, 's.pattern'],
    ['a pattern that is no regular expression', { pattern: '(' }, 's.pattern'],
    ['an empty enum', { enum: [] }, 's.enum'],
    ['too many enum values', { enum: Array.from({ length: 1001 }, (_, at) => at) }, 's.enum'],
    ['a fractional length', { maxLength: 1.5 }, 's.maxLength'],
    ['a list where an object belongs', { properties: [] }, 's.properties'],
    ['too much text', { description: 'x'.repeat(120_001) }, 's'],
    [
      'too many subschemas',
      { properties: Object.fromEntries(Array.from({ length: 5001 }, (_, at) => [`p${at}`, {}])) },
      's',
    ],
  ])('refuses %s', (_, schema, param) => {
    expect(refusedAt(schema)).toBe(param);
  });

  test('takes a schema of references to references without a stack overflow', () => {
    const $defs: Record<string, unknown> = { p4000: { type: 'string' } };
    for (let at = 0; at < 4000; at += 1) $defs[`p${at}`] = { $ref: `#/$defs/p${at + 1}` };
    expect(refusedAt({ $defs })).toBeNull();
  });
});
