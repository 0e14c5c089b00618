import { integerRange, numberRange } from './decimal-range.ts';
import { choice, oneOfTexts, sequence, text, type Expression } from './gbnf.ts';
import { GrammarError, repeatWithin, UnsatisfiableError } from './grammar-rules.ts';
import type { JsonRules } from './json-rules.ts';
import { patternExpression } from './pattern.ts';
import { isRecord, type SchemaNode, type TypeName } from './schema-node.ts';
import { formatExpression, knownFormats } from './string-formats.ts';

/** A string within `minLength`, `maxLength`, `pattern` and `format`; only the lengths can be held together. */
export function stringExpression(node: SchemaNode, rules: JsonRules): Expression {
  const { minLength, maxLength, pattern, format } = node;
  const hasLength = minLength !== null || maxLength !== null;
  if ([pattern !== null, format !== null, hasLength].filter(Boolean).length > 1) {
    throw new GrammarError("only one of 'pattern', 'format' and a length can be held at once");
  }
  if (pattern !== null) return quoted(rules.add('pattern', patternExpression(pattern, rules)));
  if (format !== null) {
    const known = formatExpression(format);
    if (known === null) {
      throw new GrammarError(`the supported formats are ${knownFormats.join(', ')}`, { keyword: 'format' });
    }
    return quoted(rules.shared(`${format}-format`, () => known));
  }
  if (!hasLength) return rules.string;
  if (maxLength !== null && maxLength < (minLength ?? 0)) {
    throw new UnsatisfiableError('it is below minLength', 'maxLength');
  }
  const keywords = { min: 'minLength', max: 'maxLength' };
  return quoted(repeatWithin(rules.character, minLength ?? 0, maxLength, keywords));
}

export function integerExpression(node: SchemaNode, rules: JsonRules): Expression {
  return node.minimum === null && node.maximum === null ? rules.integer : integerRange(node);
}

export function numberExpression(node: SchemaNode, rules: JsonRules): Expression {
  return node.minimum === null && node.maximum === null ? rules.number : numberRange(node);
}

function quoted(content: Expression): Expression {
  return sequence(text('"'), content, text('"'));
}

/**
 * One of the node's `enum` values that its other keywords allow.
 * @throws UnsatisfiableError when there is none. @throws GrammarError when a keyword beside `enum` can't be checked.
 */
export function enumExpression(node: SchemaNode, values: readonly unknown[], rules: JsonRules): Expression {
  const { properties, additionalProperties, items, prefixItems, pattern, format, propertyNames } = node;
  const unchecked = [properties, additionalProperties, items, prefixItems, pattern, format, propertyNames];
  if (unchecked.some((keyword) => keyword !== null && keyword !== undefined)) {
    throw new GrammarError("'enum' and 'const' may stand beside types, lengths and bounds only", {
      keyword: 'enum',
    });
  }
  const allowed = values.filter((value) => allows(node, value));
  if (allowed.length === 0) throw new UnsatisfiableError('none of its values is allowed', 'enum');
  const scalars = allowed.filter((value) => typeof value !== 'object' || value === null);
  const structures = allowed.filter((value) => typeof value === 'object' && value !== null);
  return choice(
    ...(scalars.length > 0 ? [oneOfTexts(scalars.map((value) => jsonText(value)))] : []),
    ...structures.map((value) => constant(value, rules)),
  );
}

function allows(node: SchemaNode, value: unknown): boolean {
  if (node.types !== null && !node.types.some((type) => hasType(value, type))) return false;
  if (typeof value === 'string') {
    const length = [...value].length;
    return length >= (node.minLength ?? 0) && length <= (node.maxLength ?? Infinity);
  }
  if (typeof value === 'number') {
    const { minimum, maximum } = node;
    if (minimum !== null && (value < minimum.value || (minimum.exclusive && value === minimum.value)))
      return false;
    return !(maximum !== null && (value > maximum.value || (maximum.exclusive && value === maximum.value)));
  }
  if (Array.isArray(value))
    return value.length >= (node.minItems ?? 0) && value.length <= (node.maxItems ?? Infinity);
  return !isRecord(value) || node.required.every((name) => Object.hasOwn(value, name));
}

function hasType(value: unknown, type: TypeName): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isRecord(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function constant(value: unknown, rules: JsonRules): Expression {
  const joined = (items: Expression[]): Expression =>
    sequence(...items.flatMap((item, index) => (index === 0 ? [item] : [rules.comma, item])));
  if (Array.isArray(value)) return rules.brackets(joined(value.map((item) => constant(item, rules))));
  if (!isRecord(value)) return text(jsonText(value));
  const members = Object.entries(value).map(([name, member]) =>
    sequence(text(jsonText(name)), rules.colon, constant(member, rules)),
  );
  return rules.braces(joined(members));
}

/** JSON with DEL escaped, as the grammar's strings have it. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replaceAll('\u007f', String.raw`\u007f`);
}
