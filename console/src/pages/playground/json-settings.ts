import type { Settings } from './conversation-tree.ts';

/** A text read as a setting: its value, or what is wrong with it. Nothing is wrong with an empty one. */
export type Read<Value> = { value: Value | undefined; problem: null } | { value: undefined; problem: string };

type JsonSchemaFormat = Extract<NonNullable<Settings['response_format']>, { type: 'json_schema' }>;
type Tools = NonNullable<Settings['tools']>;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): Read<unknown> {
  if (text.trim() === '') return { value: undefined, problem: null };
  try {
    return { value: JSON.parse(text), problem: null };
  } catch (error) {
    return { value: undefined, problem: error instanceof Error ? error.message : 'This is not JSON.' };
  }
}

/** A JSON Schema that answers have to follow. */
export function readSchema(text: string): Read<JsonSchemaFormat> {
  const { value, problem } = parse(text);
  if (problem !== null) return { value: undefined, problem };
  if (value === undefined) return { value: undefined, problem: null };
  if (!isObject(value))
    return { value: undefined, problem: 'A schema is an object: { "type": "object", … }.' };
  if (value['type'] !== 'object' && !('anyOf' in value) && !('$ref' in value))
    return { value: undefined, problem: 'At its top a schema describes an object: add "type": "object".' };
  return {
    value: { type: 'json_schema', json_schema: { name: 'answer', schema: value, strict: true } },
    problem: null,
  };
}

/** A list of functions that a model may call, each in the API's form or as the function alone. */
export function readTools(text: string): Read<Tools> {
  const { value, problem } = parse(text);
  if (problem !== null) return { value: undefined, problem };
  if (value === undefined) return { value: undefined, problem: null };
  if (!Array.isArray(value)) return { value: undefined, problem: 'Tools are a list: [ … ].' };
  const tools: Tools = [];
  for (const [index, each] of value.entries()) {
    const described: unknown = isObject(each) && 'function' in each ? each['function'] : each;
    if (!isObject(described)) return { value: undefined, problem: `Tool ${index + 1} is not an object.` };
    const { name, description, parameters, strict } = described;
    if (typeof name !== 'string' || !/^[\w-]{1,64}$/.test(name))
      return {
        value: undefined,
        problem: `Tool ${index + 1} needs a "name" of letters, digits, "_" and "-".`,
      };
    if (tools.some((tool) => tool.function.name === name))
      return { value: undefined, problem: `Two tools are called ${name}.` };
    if (parameters !== undefined && !isObject(parameters))
      return { value: undefined, problem: `"parameters" of ${name} is a JSON Schema: an object.` };
    tools.push({
      type: 'function',
      function: {
        name,
        ...(typeof description === 'string' ? { description } : {}),
        ...(parameters === undefined ? {} : { parameters }),
        ...(typeof strict === 'boolean' ? { strict } : {}),
      },
    });
  }
  return { value: tools.length === 0 ? undefined : tools, problem: null };
}

/** What an editor shows of a setting. */
export function writeJson(value: unknown): string {
  return value === null || value === undefined ? '' : JSON.stringify(value, null, 2);
}

export const schemaExample = writeJson({
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
});

export const toolsExample = writeJson([
  {
    name: 'get_weather',
    description: 'The weather in a city now',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
]);
