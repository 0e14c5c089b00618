import { z } from 'zod';

/** Schemas with the names that the API's description gives them. */
export type NamedSchemas = z.core.$ZodRegistry<{ id: string }>;

export function namedSchemas(): NamedSchemas {
  return z.registry<{ id: string }>();
}

/** A schema of the description, by its name. */
export function reference(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}

/** A body or an answer in JSON. */
export function json(schema: object) {
  return { 'application/json': { schema } };
}

/** Named schemas as JSON Schema, which refer to each other by name. */
export function describeSchemas(schemas: NamedSchemas, io: 'input' | 'output'): object {
  const described = z.toJSONSchema(schemas, {
    io,
    unrepresentable: 'any',
    reused: 'inline',
    uri: (id) => reference(id).$ref,
  });
  return Object.fromEntries(
    Object.entries(described.schemas).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [
      name,
      schema,
    ]),
  );
}
