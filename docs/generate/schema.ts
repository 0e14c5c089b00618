import { code, plain } from './page.ts';

/** A JSON Schema, as far as it is shown. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  prefixItems?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
}

export type Schemas = Record<string, Schema>;

/** Rows "field, type, what it is" of an object's fields and of those inside them; paths as in an error's `param`. */
export function fieldRows(schema: Schema, schemas: Schemas, prefix = '', depth = 0): string[][] {
  const found = resolve(schema, schemas);
  const objects = alternatives(found, schemas).filter(({ properties }) => properties !== undefined);
  // A field of several alternatives (the content of a user's and of a tool's message) has one row for all of them.
  const fields = new Map<string, Schema[]>();
  for (const { properties = {} } of objects) {
    for (const [name, field] of Object.entries(properties)) {
      if (!isRefused(field)) fields.set(name, [...(fields.get(name) ?? []), field]);
    }
  }
  return Array.from(fields).flatMap(([name, variants]) => {
    const [only] = variants;
    const field = variants.length === 1 && only !== undefined ? only : { anyOf: variants };
    const required = objects.every((object) => object.required?.includes(name) === true);
    const path = prefix + name;
    const notes = [required ? '**Required.**' : '', bounds(field, schemas)].filter(Boolean).join(' ');
    const row = [code(path), typeName(field, schemas), notes];
    return depth < 3
      ? [row, ...fieldRows(inside(field, schemas), schemas, nested(path, field, schemas), depth + 1)]
      : [row];
  });
}

/** A field that only null may be given for: known and refused. */
function isRefused(schema: Schema): boolean {
  return schema.type === 'null';
}

function nested(path: string, field: Schema, schemas: Schemas): string {
  return alternatives(resolve(field, schemas), schemas).some(({ items }) => items !== undefined)
    ? `${path}[].`
    : `${path}.`;
}

/** What arrays hold, else the schema itself. */
function inside(field: Schema, schemas: Schemas): Schema {
  const held = alternatives(resolve(field, schemas), schemas).flatMap(({ items }) => items ?? []);
  return held.length === 0 ? field : { anyOf: held };
}

function resolve(schema: Schema, schemas: Schemas): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (schemas[name] ?? {});
}

function alternatives(schema: Schema, schemas: Schemas): Schema[] {
  const list = schema.anyOf ?? schema.oneOf;
  if (list === undefined) return [schema];
  return list
    .flatMap((each) => alternatives(resolve(each, schemas), schemas))
    .filter(({ type }) => type !== 'null');
}

function typeName(schema: Schema, schemas: Schemas): string {
  const names = alternatives(resolve(schema, schemas), schemas).map((each) => {
    if (each.const !== undefined) return code(JSON.stringify(each.const));
    if (each.enum !== undefined) return each.enum.map((value) => code(JSON.stringify(value))).join(', ');
    if (each.items !== undefined) return `array of ${typeName(each.items, schemas)}`;
    if (each.prefixItems !== undefined)
      return `array of ${each.prefixItems.map((item) => typeName(item, schemas)).join(', ')}`;
    const type = [each.type ?? 'any'].flat().filter((name) => name !== 'null');
    return type.join(' or ');
  });
  return [...new Set(names)].join(' or ');
}

function bounds(schema: Schema, schemas: Schemas): string {
  const text = schema.description === undefined ? [] : [`${plain(schema.description)}.`];
  for (const each of alternatives(resolve(schema, schemas), schemas)) {
    const low = each.exclusiveMinimum === undefined ? each.minimum : `above ${each.exclusiveMinimum}`;
    const far = (value: number | string | undefined) =>
      typeof value === 'number' && Math.abs(value) >= 2 ** 53 - 1;
    if (low !== undefined && !far(low)) {
      text.push(
        each.maximum === undefined || far(each.maximum) ? `From ${low}.` : `${low} to ${each.maximum}.`,
      );
    }
    if (each.maxLength !== undefined) text.push(`At most ${each.maxLength} characters.`);
    if (each.maxItems !== undefined) text.push(`At most ${each.maxItems} items.`);
  }
  if (schema.default !== undefined) text.push(`Default: ${code(JSON.stringify(schema.default))}.`);
  return [...new Set(text)].join(' ');
}
