/** One JSON Schema (draft 2020-12) in a form that can be merged: every keyword read, checked and given its place. */
import type { Bound } from './decimal-range.ts';
import { GrammarError } from './grammar-rules.ts';

export const typeNames = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
export type TypeName = (typeof typeNames)[number];

export interface SchemaNode {
  types: readonly TypeName[] | null;
  enum: readonly unknown[] | null;
  properties: ReadonlyMap<string, unknown> | null;
  required: readonly string[];
  /** Undefined where the schema is silent. */
  additionalProperties: unknown;
  propertyNames: unknown;
  prefixItems: readonly unknown[] | null;
  items: unknown;
  minItems: number | null;
  maxItems: number | null;
  minLength: number | null;
  maxLength: number | null;
  pattern: string | null;
  format: string | null;
  minimum: Bound | null;
  maximum: Bound | null;
  anyOf: readonly unknown[] | null;
}

type Reader = (node: SchemaNode, value: unknown, keyword: string) => void;

const ignore: Reader = () => {};

const readers = new Map<string, Reader>([
  ['type', readTypes],
  ['enum', (node, value, keyword) => restrictEnum(node, nonEmpty(list(value, keyword), keyword))],
  ['const', (node, value) => restrictEnum(node, [value])],
  [
    'properties',
    (node, value, keyword) => (node.properties = new Map(Object.entries(record(value, keyword)))),
  ],
  [
    'required',
    (node, value, keyword) => (node.required = list(value, keyword).map((name) => string(name, keyword))),
  ],
  ['additionalProperties', (node, value) => (node.additionalProperties = value)],
  ['propertyNames', (node, value) => (node.propertyNames = value)],
  ['prefixItems', (node, value, keyword) => (node.prefixItems = list(value, keyword))],
  ['items', readItems],
  ['minItems', (node, value, keyword) => (node.minItems = count(value, keyword))],
  ['maxItems', (node, value, keyword) => (node.maxItems = count(value, keyword))],
  ['minLength', (node, value, keyword) => (node.minLength = count(value, keyword))],
  ['maxLength', (node, value, keyword) => (node.maxLength = count(value, keyword))],
  ['pattern', (node, value, keyword) => (node.pattern = string(value, keyword))],
  ['format', (node, value, keyword) => (node.format = string(value, keyword))],
  ['minimum', (node, value, keyword) => raise(node, { value: number(value, keyword), exclusive: false })],
  [
    'exclusiveMinimum',
    (node, value, keyword) => raise(node, { value: number(value, keyword), exclusive: true }),
  ],
  ['maximum', (node, value, keyword) => lower(node, { value: number(value, keyword), exclusive: false })],
  [
    'exclusiveMaximum',
    (node, value, keyword) => lower(node, { value: number(value, keyword), exclusive: true }),
  ],
  ['anyOf', readAlternatives],
  // A value that matches two branches can't be told apart while it is written: one branch is followed.
  ['oneOf', readAlternatives],
  // They say nothing about which values are valid; `discriminator` is OpenAPI's.
  ['title', ignore],
  ['description', ignore],
  ['default', ignore],
  ['examples', ignore],
  ['deprecated', ignore],
  ['readOnly', ignore],
  ['writeOnly', ignore],
  ['$schema', ignore],
  ['$id', ignore],
  ['$comment', ignore],
  ['$defs', ignore],
  ['definitions', ignore],
  ['discriminator', ignore],
]);

/** Keywords that may stand beside `$ref` without adding to it. */
export function isAnnotation(keyword: string): boolean {
  return readers.get(keyword) === ignore;
}

export function emptyNode(): SchemaNode {
  return {
    types: null,
    enum: null,
    properties: null,
    required: [],
    additionalProperties: undefined,
    propertyNames: undefined,
    prefixItems: null,
    items: undefined,
    minItems: null,
    maxItems: null,
    minLength: null,
    maxLength: null,
    pattern: null,
    format: null,
    minimum: null,
    maximum: null,
    anyOf: null,
  };
}

/**
 * Reads a schema without `$ref` and `allOf`.
 * @throws GrammarError for a keyword that would otherwise be ignored, or one with a wrong value.
 */
export function readNode(schema: Readonly<Record<string, unknown>>): SchemaNode {
  const node = emptyNode();
  for (const [keyword, value] of Object.entries(schema)) {
    const reader = readers.get(keyword);
    if (reader === undefined) {
      if (saysNothing(keyword, value)) continue;
      throw new GrammarError('this keyword is not supported', { keyword });
    }
    reader(node, value, keyword);
  }
  return node;
}

/** Unsupported keywords with the one value that allows everything. */
function saysNothing(keyword: string, value: unknown): boolean {
  if (keyword === 'uniqueItems' || keyword === 'nullable') return value === false;
  return (keyword === 'minProperties' || keyword === 'minContains') && value === 0;
}

function readTypes(node: SchemaNode, value: unknown, keyword: string): void {
  const types = Array.isArray(value) ? nonEmpty(value, keyword) : [value];
  node.types = types.map((type) => {
    const name = typeNames.find((known) => known === type);
    if (name === undefined) throw invalid(`expected one of ${typeNames.join(', ')}`, keyword);
    return name;
  });
}

function readItems(node: SchemaNode, value: unknown, keyword: string): void {
  if (Array.isArray(value)) {
    throw new GrammarError("a list of item schemas is written as 'prefixItems'", { keyword });
  }
  node.items = value;
}

function readAlternatives(node: SchemaNode, value: unknown, keyword: string): void {
  const branches = nonEmpty(list(value, keyword), keyword);
  node.anyOf = node.anyOf === null ? branches : crossAlternatives(node.anyOf, branches);
}

/** Both choices at once. @throws GrammarError when there are too many pairs. */
export function crossAlternatives(left: readonly unknown[], right: readonly unknown[]): unknown[] {
  if (left.length * right.length > 256) throw new GrammarError('it combines too many alternatives');
  return left.flatMap((one) => right.map((other) => ({ allOf: [one, other] })));
}

function restrictEnum(node: SchemaNode, values: readonly unknown[]): void {
  node.enum = node.enum === null ? values : intersectValues(node.enum, values);
}

/** Values that are in both lists. */
export function intersectValues(left: readonly unknown[], right: readonly unknown[]): unknown[] {
  const keys = new Set(right.map((value) => JSON.stringify(value)));
  return left.filter((value) => keys.has(JSON.stringify(value)));
}

/** Raises a node's minimum to this bound when it is the stricter one. */
export function raise(node: SchemaNode, bound: Bound | null): void {
  if (bound === null) return;
  const { minimum } = node;
  if (minimum === null || bound.value > minimum.value || (bound.value === minimum.value && bound.exclusive)) {
    node.minimum = bound;
  }
}

/** Lowers a node's maximum to this bound when it is the stricter one. */
export function lower(node: SchemaNode, bound: Bound | null): void {
  if (bound === null) return;
  const { maximum } = node;
  if (maximum === null || bound.value < maximum.value || (bound.value === maximum.value && bound.exclusive)) {
    node.maximum = bound;
  }
}

function invalid(message: string, keyword: string): GrammarError {
  return new GrammarError(message, { keyword, code: 'invalid_value' });
}

function list(value: unknown, keyword: string): unknown[] {
  if (!Array.isArray(value)) throw invalid('expected a list', keyword);
  return value;
}

function nonEmpty<Value>(values: Value[], keyword: string): Value[] {
  if (values.length === 0) throw invalid('expected at least one entry', keyword);
  return values;
}

function record(value: unknown, keyword: string): Record<string, unknown> {
  if (!isRecord(value)) throw invalid('expected an object', keyword);
  return value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function string(value: unknown, keyword: string): string {
  if (typeof value !== 'string') throw invalid('expected text', keyword);
  return value;
}

function number(value: unknown, keyword: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid('expected a number', keyword);
  return value;
}

function count(value: unknown, keyword: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw invalid('expected a whole number of at least 0', keyword);
  }
  return value;
}
