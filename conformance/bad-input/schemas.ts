import { withFields, type BadRequest } from './request.ts';

/** Schemas that cannot be compiled, or only with more memory than there is. */
export const schemas: BadRequest[] = [
  withFields('json_schema without a schema', { response_format: { type: 'json_schema' } }, 'response_format'),
  withFields('an unknown format', { response_format: { type: 'xml' } }, 'response_format'),
  schemaOf('a $ref to nowhere', {
    type: 'object',
    properties: { a: { $ref: '#/$defs/no' } },
    required: ['a'],
    additionalProperties: false,
  }),
  schemaOf('a $ref to another host', { $ref: 'http://127.0.0.1/schema.json' }),
  schemaOf('a $ref to itself', { $ref: '#' }),
  schemaOf('two $ref in a circle', {
    $ref: '#/$defs/a',
    $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } },
  }),
  schemaOf('nesting 100 deep', nestedSchema(100)),
  schemaOf('a type that does not exist', { type: 'tuple' }),
  schemaOf('100,000 enum values', {
    type: 'string',
    enum: Array.from({ length: 100_000 }, (_, index) => `v${index}`),
  }),
  schemaOf('a pattern that explodes', {
    type: 'object',
    properties: { a: { type: 'string', pattern: '^(((((a{1,1000}){1,1000}){1,1000}))*)+$' } },
    required: ['a'],
    additionalProperties: false,
  }),
  schemaOf('minItems of a billion', {
    type: 'object',
    properties: { a: { type: 'array', items: { type: 'string' }, minItems: 1e9 } },
    required: ['a'],
    additionalProperties: false,
  }),
  schemaOf('minLength of a billion', {
    type: 'object',
    properties: { a: { type: 'string', minLength: 1e9 } },
    required: ['a'],
    additionalProperties: false,
  }),
];

function schemaOf(name: string, schema: object, param = 'response_format'): BadRequest {
  const response_format = { type: 'json_schema', json_schema: { name: 'bomb', strict: true, schema } };
  return withFields(name, { response_format }, param);
}

function nestedSchema(depth: number): object {
  return depth === 0 ? { type: 'string' } : only(nestedSchema(depth - 1));
}

/** An object with one property. */
function only(a: object): object {
  return { type: 'object', properties: { a }, required: ['a'], additionalProperties: false };
}
