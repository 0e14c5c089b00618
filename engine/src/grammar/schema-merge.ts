/** Resolves `$ref` and `allOf`: several schemas that hold at once become one. */
import { GrammarError, UnsatisfiableError } from './grammar-rules.ts';
import {
  crossAlternatives,
  emptyNode,
  intersectValues,
  isRecord,
  lower,
  raise,
  readNode,
  type SchemaNode,
  type TypeName,
} from './schema-node.ts';

/** Follows a `$ref` within the document: `#`, or a JSON pointer after it (RFC 6901, in a URI fragment). */
export function resolveReference(root: unknown, reference: unknown): unknown {
  const wrong = (message: string): GrammarError =>
    new GrammarError(message, { keyword: '$ref', code: 'invalid_value' });
  if (typeof reference !== 'string') throw wrong('expected text');
  if (reference !== '#' && !reference.startsWith('#/')) {
    throw new GrammarError('only references into the schema itself (#/…) are supported', { keyword: '$ref' });
  }
  let target = root;
  for (const step of reference.split('/').slice(1)) {
    if (!/^(?:[^%]|%[0-9a-fA-F]{2})*$/.test(step)) throw wrong(`${reference} is no valid reference`);
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof target !== 'object' || target === null || !Object.hasOwn(target, name)) {
      throw wrong(`${reference} is not in the schema`);
    }
    target = Reflect.get(target, name);
  }
  return target;
}

/**
 * One node for a schema with its `$ref` and `allOf` resolved.
 * @throws UnsatisfiableError when no value can match. @throws GrammarError when it can't be merged.
 */
export function flatten(root: unknown, schema: unknown): SchemaNode {
  return parts(root, schema, new Set()).reduce(merge, emptyNode());
}

const maxParts = 1000;

function parts(root: unknown, schema: unknown, open: ReadonlySet<unknown>): SchemaNode[] {
  if (schema === true) return [];
  if (schema === false) throw new UnsatisfiableError('no value is allowed');
  if (!isRecord(schema)) throw new GrammarError('expected a schema', { code: 'invalid_value' });
  if (open.has(schema)) {
    throw new GrammarError('it refers to itself without a property or item in between', {
      code: 'invalid_value',
    });
  }
  const inside = new Set(open).add(schema);
  const { $ref: reference, allOf, ...rest } = schema;
  const nodes = [readNode(rest)];
  if (reference !== undefined) nodes.push(...parts(root, resolveReference(root, reference), inside));
  if (allOf !== undefined) {
    if (!Array.isArray(allOf))
      throw new GrammarError('expected a list', { keyword: 'allOf', code: 'invalid_value' });
    for (const part of allOf) nodes.push(...parts(root, part, inside));
  }
  if (nodes.length > maxParts) throw new GrammarError('it is too large');
  return nodes;
}

function merge(left: SchemaNode, right: SchemaNode): SchemaNode {
  const merged: SchemaNode = {
    types: either(left.types, right.types, intersectTypes),
    enum: either(left.enum, right.enum, intersectValues),
    properties: mergeProperties(left, right),
    required: [...new Set([...left.required, ...right.required])],
    additionalProperties: both(left.additionalProperties, right.additionalProperties),
    propertyNames: both(left.propertyNames, right.propertyNames),
    ...mergeItems(left, right),
    minItems: either(left.minItems, right.minItems, Math.max),
    maxItems: either(left.maxItems, right.maxItems, Math.min),
    minLength: either(left.minLength, right.minLength, Math.max),
    maxLength: either(left.maxLength, right.maxLength, Math.min),
    pattern: either(left.pattern, right.pattern, same('pattern')),
    format: either(left.format, right.format, same('format')),
    minimum: left.minimum,
    maximum: left.maximum,
    anyOf: either(left.anyOf, right.anyOf, crossAlternatives),
  };
  raise(merged, right.minimum);
  lower(merged, right.maximum);
  return merged;
}

function either<Value>(
  left: Value | null,
  right: Value | null,
  combine: (left: Value, right: Value) => Value,
): Value | null {
  if (left === null) return right;
  return right === null ? left : combine(left, right);
}

/** A schema for what must match both; undefined is silent. */
function both(left: unknown, right: unknown): unknown {
  if (left === undefined || left === true) return right ?? left;
  if (right === undefined || right === true) return left;
  return left === false || right === false ? false : { allOf: [left, right] };
}

function same(keyword: string): (left: string, right: string) => string {
  return (left, right) => {
    if (left === right) return left;
    throw new GrammarError(`two values of '${keyword}' can't be held at once`);
  };
}

function intersectTypes(left: readonly TypeName[], right: readonly TypeName[]): TypeName[] {
  const has = (types: readonly TypeName[], type: TypeName): boolean =>
    types.includes(type) || (type === 'integer' && types.includes('number'));
  const shared = [...new Set([...left, ...right])].filter((type) => has(left, type) && has(right, type));
  if (shared.length === 0) throw new UnsatisfiableError('no value has all of its types', 'type');
  return shared;
}

function mergeProperties(left: SchemaNode, right: SchemaNode): ReadonlyMap<string, unknown> | null {
  if (left.properties === null && right.properties === null) return null;
  const properties = new Map<string, unknown>();
  const names = new Set([...(left.properties?.keys() ?? []), ...(right.properties?.keys() ?? [])]);
  for (const name of names)
    properties.set(name, both(propertySchema(left, name), propertySchema(right, name)) ?? true);
  return properties;
}

/** What a schema says about a property: by name, or as one of the others. */
function propertySchema(node: SchemaNode, name: string): unknown {
  return node.properties?.has(name) === true ? node.properties.get(name) : node.additionalProperties;
}

function mergeItems(left: SchemaNode, right: SchemaNode): Pick<SchemaNode, 'prefixItems' | 'items'> {
  const count = Math.max(left.prefixItems?.length ?? 0, right.prefixItems?.length ?? 0);
  const at = (node: SchemaNode, index: number): unknown =>
    node.prefixItems !== null && index < node.prefixItems.length ? node.prefixItems[index] : node.items;
  const prefix = Array.from({ length: count }, (_, index) => both(at(left, index), at(right, index)) ?? true);
  return {
    prefixItems: left.prefixItems === null && right.prefixItems === null ? null : prefix,
    items: both(left.items, right.items),
  };
}
