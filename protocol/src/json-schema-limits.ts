import { ApiError } from './errors.ts';

const maxDepth = 32;
const maxSubschemas = 5000;
const maxTextChars = 120_000;
const maxEnumValues = 1000;
const maxPatternChars = 512;

const typeNames = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);
const countKeywords = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'];

/** Keywords that hold subschemas, and whether each says something about the same value or about a part of it. */
const subschemas: Record<string, { form: 'one' | 'list' | 'map'; sameValue: boolean }> = {
  properties: { form: 'map', sameValue: false },
  patternProperties: { form: 'map', sameValue: false },
  $defs: { form: 'map', sameValue: false },
  definitions: { form: 'map', sameValue: false },
  dependentSchemas: { form: 'map', sameValue: true },
  additionalProperties: { form: 'one', sameValue: false },
  propertyNames: { form: 'one', sameValue: false },
  items: { form: 'one', sameValue: false },
  contains: { form: 'one', sameValue: false },
  prefixItems: { form: 'list', sameValue: false },
  allOf: { form: 'list', sameValue: true },
  anyOf: { form: 'list', sameValue: true },
  oneOf: { form: 'list', sameValue: true },
  not: { form: 'one', sameValue: true },
  if: { form: 'one', sameValue: true },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { form: 'one', sameValue: true },
  else: { form: 'one', sameValue: true },
};

type Schema = Record<string, unknown>;

interface Survey {
  root: Schema;
  path: string;
  subschemas: number;
  textChars: number;
  enumValues: number;
  /** For each schema, the schemas that constrain the same value: a cycle among them can never be compiled. */
  sameValue: Map<object, object[]>;
}

/**
 * Bounds a JSON Schema so that it can be compiled into a grammar: depth, count and size; `$ref` points into the
 * document; a recursion passes through a property or an item, so that it describes something.
 * The bounds follow OpenAI's for structured outputs where it states any (5000 properties, 1000 enum values, 120,000 characters).
 * @param path where the schema is in the request, as in `tools.0.function.parameters`.
 * @throws ApiError invalid_value naming the path of the offending keyword.
 */
export function checkJsonSchema(schema: Schema, path: string): void {
  const survey: Survey = {
    root: schema,
    path,
    subschemas: 0,
    textChars: 0,
    enumValues: 0,
    sameValue: new Map(),
  };
  visit(schema, path, 0, survey);
  checkCycles(survey);
}

function visit(schema: unknown, path: string, depth: number, survey: Survey): void {
  if (typeof schema === 'boolean') return;
  if (!isSchema(schema)) throw refusal(path, 'expected a JSON Schema, an object or a boolean');
  if (depth > maxDepth) throw refusal(survey.path, `the schema is nested more than ${maxDepth} levels deep`);
  survey.subschemas += 1;
  if (survey.subschemas > maxSubschemas) {
    throw refusal(survey.path, `the schema has more than ${maxSubschemas} subschemas`);
  }
  checkKeywords(schema, path, survey);
  const related: object[] = [];
  survey.sameValue.set(schema, related);
  if (schema['$ref'] !== undefined) related.push(resolve(schema['$ref'], `${path}.$ref`, survey));
  for (const [keyword, value] of Object.entries(schema)) {
    const kind = Object.hasOwn(subschemas, keyword) ? subschemas[keyword] : undefined;
    if (kind === undefined) continue;
    for (const [child, childPath] of children(value, kind.form, `${path}.${keyword}`)) {
      visit(child, childPath, depth + 1, survey);
      if (kind.sameValue && isSchema(child)) related.push(child);
    }
  }
}

function children(value: unknown, form: 'one' | 'list' | 'map', path: string): [unknown, string][] {
  if (form === 'one') return [[value, path]];
  if (form === 'list') {
    if (!Array.isArray(value)) throw refusal(path, 'expected a list of schemas');
    return value.map((child: unknown, index) => [child, `${path}.${index}`]);
  }
  if (!isSchema(value)) throw refusal(path, 'expected an object of schemas');
  return Object.entries(value).map(([name, child]) => [child, `${path}.${name}`]);
}

function checkKeywords(schema: Schema, path: string, survey: Survey): void {
  const { type, pattern, required } = schema;
  const types: unknown[] = Array.isArray(type) ? type : type === undefined ? [] : [type];
  for (const name of types) {
    if (typeof name !== 'string' || !typeNames.has(name)) {
      throw refusal(`${path}.type`, `expected one of ${[...typeNames].join(', ')}`);
    }
  }
  if (schema['enum'] !== undefined) {
    if (!Array.isArray(schema['enum']) || schema['enum'].length === 0) {
      throw refusal(`${path}.enum`, 'expected a list of at least one value');
    }
    survey.enumValues += schema['enum'].length;
    if (survey.enumValues > maxEnumValues) {
      throw refusal(`${path}.enum`, `the schema has more than ${maxEnumValues} enum values`);
    }
    survey.textChars += JSON.stringify(schema['enum']).length;
  }
  if (
    required !== undefined &&
    !(Array.isArray(required) && required.every((name) => typeof name === 'string'))
  ) {
    throw refusal(`${path}.required`, 'expected a list of property names');
  }
  if (pattern !== undefined) checkPattern(pattern, `${path}.pattern`);
  for (const keyword of countKeywords) {
    const count = schema[keyword];
    if (count !== undefined && !(typeof count === 'number' && Number.isSafeInteger(count) && count >= 0)) {
      throw refusal(`${path}.${keyword}`, 'expected a whole number of at least 0');
    }
  }
  for (const [key, value] of Object.entries(schema)) {
    survey.textChars += key.length + (typeof value === 'string' ? value.length : 0);
  }
  if (isSchema(schema['properties'])) {
    for (const name of Object.keys(schema['properties'])) survey.textChars += name.length;
  }
  if (survey.textChars > maxTextChars) {
    throw refusal(survey.path, `the schema's text is longer than ${maxTextChars} characters`);
  }
}

function checkPattern(pattern: unknown, path: string): void {
  if (typeof pattern !== 'string') throw refusal(path, 'expected a regular expression');
  if (pattern.length > maxPatternChars) {
    throw refusal(path, `expected at most ${maxPatternChars} characters, but got ${pattern.length}`);
  }
  try {
    RegExp(pattern, 'u');
  } catch (cause) {
    throw new ApiError('invalid_value', `Invalid '${path}': it is not a regular expression.`, {
      param: path,
      cause,
    });
  }
}

/** Follows a JSON pointer into the document (RFC 6901, in a URI fragment). */
function resolve(reference: unknown, path: string, survey: Survey): object {
  if (typeof reference !== 'string' || !(reference === '#' || reference.startsWith('#/'))) {
    throw refusal(path, 'expected a reference into this schema, as in #/$defs/name');
  }
  let target: unknown = survey.root;
  for (const encoded of reference.split('/').slice(1)) {
    const key = unescapePointer(encoded);
    target =
      typeof target === 'object' && target !== null && key !== null && Object.hasOwn(target, key)
        ? Reflect.get(target, key)
        : undefined;
  }
  if (!isSchema(target)) throw refusal(path, `${JSON.stringify(reference)} points to nothing in this schema`);
  return target;
}

function unescapePointer(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

function checkCycles(survey: Survey): void {
  const done = new Set<object>();
  const open = new Set<object>();
  const follow = (schema: object): void => {
    if (done.has(schema)) return;
    if (open.has(schema)) {
      throw refusal(survey.path, 'the schema refers to itself without a property or item between');
    }
    const related = survey.sameValue.get(schema);
    if (related === undefined) {
      throw refusal(survey.path, 'a $ref points to something that is not one of its schemas');
    }
    open.add(schema);
    for (const next of related) follow(next);
    open.delete(schema);
    done.add(schema);
  };
  for (const schema of survey.sameValue.keys()) follow(schema);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refusal(param: string, why: string): ApiError {
  return new ApiError('invalid_value', `Invalid '${param}': ${why}.`, { param });
}
