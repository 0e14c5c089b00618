/** A JSON Schema, as far as openapi.json uses it. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  items?: Schema;
  prefixItems?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  description?: string;
}

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie';
  required?: boolean;
  schema?: Schema;
}

interface Content {
  content?: Record<string, { schema?: Schema }>;
}

interface Operation {
  summary?: string;
  parameters?: Parameter[];
  requestBody?: Content & { required?: boolean };
  responses?: Record<string, Content>;
}

interface OpenapiDocument {
  paths: Record<string, { parameters?: Parameter[] } & Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/**
 * The TypeScript types of an OpenAPI document, in the shape that openapi-fetch reads (`paths`, `components`).
 * Our own, since openapi-typescript needs the compiler interface of TypeScript 5 beside our TypeScript 7: 23 MB and
 * twenty packages in every install, for one file.
 */
export function openapiTypes(document: object): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the document is ours, made by openapiDocument()
  const { paths, components } = document as OpenapiDocument;
  const operations = Object.entries(paths).map(
    ([path, { parameters: shared = [], ...methods }]) =>
      `  ${JSON.stringify(path)}: {\n${Object.entries(methods)
        .map(([method, operation]) => `    ${method}: ${operationType(operation, shared)};`)
        .join('\n')}\n  };`,
  );
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `    ${JSON.stringify(name)}: ${typeOf(schema)};`,
  );
  return [
    '// Written from openapi.json by scripts/openapi.ts: change the server’s schemas, not this file.',
    `export interface paths {\n${operations.join('\n')}\n}`,
    `export interface components {\n  schemas: {\n${schemas.join('\n')}\n  };\n}\n`,
  ].join('\n');
}

/** @param shared parameters that every operation of the path has. */
function operationType(operation: Operation, shared: Parameter[]): string {
  const { requestBody, responses = {} } = operation;
  const parameters = [...shared, ...(operation.parameters ?? [])];
  const places = (['query', 'path', 'header', 'cookie'] as const).map((place) => {
    const here = parameters.filter((parameter) => parameter.in === place);
    if (here.length === 0) return `${place}?: never`;
    const fields = here.map((parameter) => field(parameter.name, parameter.required, parameter.schema ?? {}));
    const optional = here.some((parameter) => parameter.required) ? '' : '?';
    return `${place}${optional}: { ${fields.join('; ')} }`;
  });
  const body =
    requestBody === undefined
      ? 'requestBody?: never'
      : `requestBody${requestBody.required === true ? '' : '?'}: ${contentType(requestBody)}`;
  const answers = Object.entries(responses).map(
    ([status, response]) => `${status}: ${contentType(response, 'headers: Record<string, unknown>; ')}`,
  );
  return `{ parameters: { ${places.join('; ')} }; ${body}; responses: { ${answers.join('; ')} } }`;
}

function contentType({ content }: Content, before = ''): string {
  if (content === undefined) return `{ ${before}content?: never }`;
  const kinds = Object.entries(content).map(
    ([kind, { schema }]) => `${JSON.stringify(kind)}: ${schema === undefined ? 'unknown' : typeOf(schema)}`,
  );
  return `{ ${before}content: { ${kinds.join('; ')} } }`;
}

function field(name: string, required: boolean | undefined, schema: Schema): string {
  // With `| undefined`, so that a caller may pass on a value that it may not have.
  const comment =
    schema.description === undefined ? '' : `/** ${schema.description.replaceAll('*/', '*')} */ `;
  const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
  return required === true
    ? `${comment}${key}: ${typeOf(schema)}`
    : `${comment}${key}?: ${typeOf(schema)} | undefined`;
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return `components['schemas'][${JSON.stringify(name)}]`;
  }
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return `(${[...new Set(either.map((each) => typeOf(each)))].join(' | ')})`;
  if (schema.allOf) return `(${schema.allOf.map((each) => typeOf(each)).join(' & ')})`;
  const kinds = schema.type === undefined ? [] : [schema.type].flat();
  if (kinds.length === 0 && schema.properties === undefined) return 'unknown';
  if (kinds.length > 1) return `(${kinds.map((type) => typeOf({ ...schema, type })).join(' | ')})`;
  switch (kinds[0]) {
    case 'string':
    case 'boolean':
    case 'null':
      return kinds[0];
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      // Tuples too: openapi-fetch reads every array as one of any length.
      return `(${typeOf(schema.prefixItems ? { anyOf: schema.prefixItems } : (schema.items ?? {}))})[]`;
    default:
      return objectType(schema);
  }
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
  const fields = Object.entries(properties)
    // What may only be null is refused: a caller need not know it.
    .filter(([name, { type }]) => type !== 'null' || required.includes(name))
    .map(([name, schema]) => field(name, required.includes(name), schema));
  const open =
    typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0
      ? `Record<string, ${typeOf(additionalProperties)}>`
      : 'Record<string, unknown>';
  if (fields.length === 0) return open;
  return `{ ${fields.join('; ')} }`;
}
