import { characterClass, choice, firstCharacter, optional, sequence, text, type Expression } from './gbnf.ts';
import { repeatWithin, UnsatisfiableError } from './grammar-rules.ts';
import type { JsonRules } from './json-rules.ts';
import { jsonText } from './schema-scalar.ts';
import type { SchemaNode } from './schema-node.ts';

/** Compiles a part of the schema, found under `step` of its path; part of a value, so recursion may pass here. */
export type CompilePart = (schema: unknown, step: string) => Expression;

interface Member {
  expression: Expression;
  required: boolean;
}

/**
 * An object: declared properties in their order, the optional ones in any subset, then others where they are allowed.
 * @param openByDefault whether others are allowed where the schema is silent.
 */
export function objectExpression(
  node: SchemaNode,
  rules: JsonRules,
  openByDefault: boolean,
  compile: CompilePart,
): Expression {
  const declared = new Map(node.properties ?? []);
  const others = node.additionalProperties ?? openByDefault;
  for (const name of node.required) if (!declared.has(name)) declared.set(name, others);
  const members: Member[] = [];
  for (const [name, schema] of declared) {
    const required = node.required.includes(name);
    if (schema === false) {
      if (required) throw new UnsatisfiableError(`'${name}' is required, but not allowed`, 'required');
      continue;
    }
    const value = compile(schema, `properties.${name}`);
    const member = sequence(text(jsonText(name)), rules.colon, value);
    members.push({ expression: rules.add(name, member), required });
  }
  const other = others === false ? null : otherMember(node, [...declared.keys()], others, rules, compile);
  return objectOf(members, other, rules);
}

function otherMember(
  node: SchemaNode,
  declared: string[],
  schema: unknown,
  rules: JsonRules,
  compile: CompilePart,
): Expression {
  const value = compile(schema, 'additionalProperties');
  const { propertyNames } = node;
  if (propertyNames === undefined || propertyNames === true) {
    const name = declared.length === 0 ? rules.string : rules.add('other-name', nameExcept(declared));
    return rules.add('other', sequence(name, rules.colon, value));
  }
  if (declared.length > 0) {
    throw new UnsatisfiableError("it can't be held beside declared properties", 'propertyNames');
  }
  const name = compile({ allOf: [{ type: 'string' }, propertyNames] }, 'propertyNames');
  return rules.add('other', sequence(name, rules.colon, value));
}

function objectOf(members: Member[], other: Expression | null, rules: JsonRules): Expression {
  // What may follow once a member is written; rules, so that each suffix is printed once.
  const others = (min: number): Expression =>
    other === null ? text('') : { kind: 'repeat', item: sequence(rules.comma, other), min, max: null };
  let rest = others(0);
  const starts: Expression[] = other === null ? [] : [sequence(other, rest)];
  let mayBeEmpty = true;
  for (const { expression, required } of members.toReversed()) {
    if (required) {
      starts.length = 0;
      mayBeEmpty = false;
    }
    starts.unshift(sequence(expression, rest));
    const next = sequence(rules.comma, expression);
    rest = rules.add('rest', sequence(required ? next : optional(next), rest));
  }
  const empty = sequence(text('{'), rules.space, text('}'));
  if (starts.length === 0) return empty;
  const filled = rules.braces(choice(...starts));
  return mayBeEmpty ? choice(empty, filled) : filled;
}

/** A quoted name that is none of these. It has no escapes, so that no name can be written in another way. */
function nameExcept(names: string[]): Expression {
  return sequence(text('"'), notIn(names));
}

const nameCharacter = String.raw`"\\\x00-\x1F\x7F`;

/** The rest of a name with its closing quote, when `names` are the rests that it must not be. */
function notIn(names: string[]): Expression {
  const anything: Expression = {
    kind: 'repeat',
    item: characterClass(`[^${nameCharacter}]`),
    min: 0,
    max: null,
  };
  const rests = new Map<string, string[]>();
  for (const name of names) {
    const first = firstCharacter(name);
    if (first !== undefined) rests.set(first, [...(rests.get(first) ?? []), name.slice(first.length)]);
  }
  const options = [...rests]
    .filter(([first]) => !/["\\\u0000-\u001F\u007F]/.test(first))
    .map(([first, tails]) => sequence(text(first), notIn(tails)));
  const excluded = [...rests.keys()].map((character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\U${code.toString(16).toUpperCase().padStart(8, '0')}`;
  });
  options.push(sequence(characterClass(`[^${nameCharacter}${excluded.join('')}]`), anything, text('"')));
  if (!names.includes('')) options.push(text('"'));
  return choice(...options);
}

/** An array: its first items by `prefixItems`, the others by `items`, within `minItems` and `maxItems`. */
export function arrayExpression(node: SchemaNode, rules: JsonRules, compile: CompilePart): Expression {
  const minimum = node.minItems ?? 0;
  const prefix = node.prefixItems ?? [];
  const closed = node.items === false;
  const maximum = Math.min(node.maxItems ?? Infinity, closed ? prefix.length : Infinity);
  if (maximum < minimum) throw new UnsatisfiableError('no count of items is allowed', 'minItems');
  const empty = sequence(text('['), rules.space, text(']'));
  if (maximum === 0) return empty;
  const fixed = prefix.slice(0, maximum).map((schema, index) => compile(schema, `prefixItems.${index}`));
  // What follows the first item, from the end: each place is there only when the one before it is.
  let rest: Expression = text('');
  let first = fixed[0];
  if (maximum > fixed.length) {
    const item = rules.add('item', compile(node.items ?? true, 'items'));
    const more = rules.add('more', sequence(rules.comma, item));
    const written = Math.max(fixed.length, 1);
    rest = repeatWithin(
      more,
      Math.max(minimum - written, 0),
      maximum === Infinity ? null : maximum - written,
      { min: 'minItems', max: 'maxItems' },
    );
    first ??= item;
  }
  for (let index = fixed.length - 1; index > 0; index--) {
    const place = fixed[index];
    if (place === undefined) continue;
    const tail = sequence(rules.comma, place, rest);
    rest = rules.add('place', index < minimum ? tail : optional(tail));
  }
  if (first === undefined) return empty;
  const filled = rules.brackets(sequence(first, rest));
  return minimum === 0 ? choice(empty, filled) : filled;
}
