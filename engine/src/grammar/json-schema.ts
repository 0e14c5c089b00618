import { ApiError } from '@weai/protocol/errors';
import { choice, type Expression } from './gbnf.ts';
import { GrammarError, UnsatisfiableError } from './grammar-rules.ts';
import { JsonRules } from './json-rules.ts';
import { flatten, resolveReference } from './schema-merge.ts';
import { isAnnotation, isRecord, type SchemaNode, type TypeName } from './schema-node.ts';
import { enumExpression, integerExpression, numberExpression, stringExpression } from './schema-scalar.ts';
import { arrayExpression, objectExpression } from './schema-structure.ts';

export interface SchemaOptions {
  /** Path of the schema in the request, as in `tools.0.function.parameters`: errors name it. */
  param: string;
  /**
   * Whether an object may have undeclared properties where its schema is silent: as JSON Schema has it (`allow`),
   * never (`deny`, OpenAI's strict mode), or only when it declares none.
   */
  undeclaredProperties?: 'allow' | 'deny' | 'allow-if-none-declared';
}

/** Any JSON object, for `response_format: {type: 'json_object'}`. */
export const jsonObjectGrammar: string = (() => {
  const rules = new JsonRules();
  return rules.print(rules.object);
})();

/**
 * A grammar, with the rule `root`, of the JSON texts that a schema allows. Properties keep the schema's order, and
 * whitespace is bounded, so that not every valid text matches; but every text that matches is valid. The one exception
 * is `oneOf`, which is read as `anyOf`.
 * @throws ApiError invalid_value or unsupported_value that names the path of what can't be held.
 */
export function jsonSchemaToGrammar(schema: unknown, options: SchemaOptions): string {
  const rules = new JsonRules();
  return printGrammar(rules, compileSchema(schema, rules, options), options.param);
}

/** Adds a schema's rules to a larger grammar and returns what stands for a value. @throws ApiError as above. */
export function compileSchema(schema: unknown, rules: JsonRules, options: SchemaOptions): Expression {
  const compiler = new SchemaCompiler(schema, rules, options.undeclaredProperties ?? 'allow');
  return withParam(options.param, () => compiler.compile(schema, options.param, 0));
}

/** The text of a grammar. @throws ApiError when it is too large or can never end. */
export function printGrammar(rules: JsonRules, root: Expression, param: string): string {
  return withParam(param, () => rules.print(root));
}

function withParam<Result>(param: string, compile: () => Result): Result {
  try {
    return compile();
  } catch (cause) {
    if (!(cause instanceof GrammarError)) throw cause;
    const path = `${cause.path ?? param}${cause.keyword === null ? '' : `.${cause.keyword}`}`;
    throw new ApiError(cause.code, `Invalid schema at '${path}': ${cause.message}.`, { param: path, cause });
  }
}

const maxDepth = 64;
const maxSchemas = 10_000;

class SchemaCompiler {
  #root: unknown;
  #rules: JsonRules;
  #undeclared: NonNullable<SchemaOptions['undeclaredProperties']>;
  #references = new Map<unknown, string>();
  #schemas = 0;

  constructor(
    root: unknown,
    rules: JsonRules,
    undeclared: NonNullable<SchemaOptions['undeclaredProperties']>,
  ) {
    this.#root = root;
    this.#rules = rules;
    this.#undeclared = undeclared;
  }

  /** Compiles a schema; the innermost path is put on an error. */
  compile(schema: unknown, path: string, depth: number): Expression {
    try {
      this.#schemas++;
      if (this.#schemas > maxSchemas) throw new GrammarError('it is too large');
      if (depth > maxDepth) throw new GrammarError(`it is nested more than ${maxDepth} levels deep`);
      return this.#reference(schema, path, depth) ?? this.#node(flatten(this.#root, schema), path, depth);
    } catch (error) {
      if (error instanceof GrammarError) error.path ??= path;
      throw error;
    }
  }

  /** A schema that is only a `$ref` becomes a rule of its own, so that it may be recursive. */
  #reference(schema: unknown, path: string, depth: number): Expression | null {
    if (!isRecord(schema) || schema['$ref'] === undefined) return null;
    if (!Object.keys(schema).every((keyword) => keyword === '$ref' || isAnnotation(keyword))) return null;
    const target = resolveReference(this.#root, schema['$ref']);
    const known = this.#references.get(target);
    if (known !== undefined) return { kind: 'rule', name: known };
    const name = this.#rules.reserve('reference');
    this.#references.set(target, name);
    try {
      return this.#rules.set(name, this.compile(target, path, depth + 1));
    } catch (error) {
      this.#references.delete(target);
      throw error;
    }
  }

  #node(node: SchemaNode, path: string, depth: number): Expression {
    if (node.anyOf !== null) return this.#alternatives(node, node.anyOf, path, depth);
    if (node.enum !== null) return enumExpression(node, node.enum, this.#rules);
    const types = node.types ?? impliedTypes(node);
    if (types === null) return this.#rules.value;
    const distinct = [...new Set(types)].filter((type) => type !== 'integer' || !types.includes('number'));
    return firstSatisfiable(distinct, (type) => this.#type(type, node, path, depth));
  }

  /** What stands beside `anyOf` holds in each of its branches. */
  #alternatives(node: SchemaNode, branches: readonly unknown[], path: string, depth: number): Expression {
    const beside = besideAlternatives(node);
    return firstSatisfiable([...branches.entries()], ([index, branch]) => {
      const schema = beside === null ? branch : { allOf: [beside, branch] };
      return this.compile(schema, `${path}.anyOf.${index}`, depth + 1);
    });
  }

  #type(type: TypeName, node: SchemaNode, path: string, depth: number): Expression {
    const rules = this.#rules;
    const part = (schema: unknown, step: string): Expression =>
      this.compile(schema, `${path}.${step}`, depth + 1);
    switch (type) {
      case 'object':
        return objectExpression(node, rules, this.#isOpen(node), part);
      case 'array':
        return arrayExpression(node, rules, part);
      case 'string':
        return stringExpression(node, rules);
      case 'integer':
        return integerExpression(node, rules);
      case 'number':
        return numberExpression(node, rules);
      case 'boolean':
        return rules.boolean;
      case 'null':
        return rules.null;
    }
  }

  #isOpen(node: SchemaNode): boolean {
    if (this.#undeclared === 'allow-if-none-declared') return node.properties === null;
    return this.#undeclared === 'allow';
  }
}

/** A choice of the options that some value matches. @throws the last option's error when there is none. */
function firstSatisfiable<Option>(options: Option[], compile: (option: Option) => Expression): Expression {
  const expressions: Expression[] = [];
  let failure: UnsatisfiableError | null = null;
  for (const option of options) {
    try {
      expressions.push(compile(option));
    } catch (error) {
      if (!(error instanceof UnsatisfiableError)) throw error;
      failure = error;
    }
  }
  if (expressions.length === 0) throw failure ?? new UnsatisfiableError('no value matches');
  return choice(...expressions);
}

/** Without `type`, keywords that concern one type mean values of that type; null for a schema that says nothing. */
function impliedTypes(node: SchemaNode): TypeName[] | null {
  const given = (...keywords: unknown[]): boolean =>
    keywords.some((keyword) => keyword !== null && keyword !== undefined);
  const types: TypeName[] = [];
  if (given(node.properties, node.additionalProperties, node.propertyNames) || node.required.length > 0) {
    types.push('object');
  }
  if (given(node.items, node.prefixItems, node.minItems, node.maxItems)) types.push('array');
  if (given(node.minLength, node.maxLength, node.pattern, node.format)) types.push('string');
  if (given(node.minimum, node.maximum)) types.push('number');
  return types.length === 0 ? null : types;
}

/** The schema of what a node says beside `anyOf`; null when it says nothing. */
function besideAlternatives(node: SchemaNode): Record<string, unknown> | null {
  const schema: Record<string, unknown> = {};
  const { types, minimum, maximum, properties, required } = node;
  if (types !== null) schema['type'] = types;
  if (properties !== null) schema['properties'] = Object.fromEntries(properties);
  if (required.length > 0) schema['required'] = required;
  if (minimum !== null) schema[minimum.exclusive ? 'exclusiveMinimum' : 'minimum'] = minimum.value;
  if (maximum !== null) schema[maximum.exclusive ? 'exclusiveMaximum' : 'maximum'] = maximum.value;
  const { enum: values, additionalProperties, propertyNames, prefixItems, items } = node;
  const { minItems, maxItems, minLength, maxLength, pattern, format } = node;
  const others = {
    enum: values,
    additionalProperties,
    propertyNames,
    prefixItems,
    items,
    minItems,
    maxItems,
  };
  for (const [keyword, value] of Object.entries({ ...others, minLength, maxLength, pattern, format })) {
    if (value !== null && value !== undefined) schema[keyword] = value;
  }
  return Object.keys(schema).length === 0 ? null : schema;
}
