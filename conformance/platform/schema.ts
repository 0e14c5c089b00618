import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { inject } from 'vitest';

// The package is CommonJS: its `default` is wrapped once more when it is imported from an ES module.
const addFormats = addFormatsModule.default;

type SchemaName =
  | 'ChatCompletionDeleted'
  | 'ChatCompletionList'
  | 'CreateChatCompletionResponse'
  | 'CreateChatCompletionStreamResponse'
  | 'ErrorResponse'
  | 'ListModelsResponse'
  | 'Model';

const schemas = inject('schemas');
const compiled = new Map<SchemaName, ValidateFunction>();
const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { unixtime: true } });
addFormats(ajv);
if (schemas) ajv.addSchema({ $id: 'description', components: { schemas } });

/** What is wrong with a value by the API description; empty when nothing is, or the description is not there. */
export function schemaProblems(name: SchemaName, value: unknown): string[] {
  if (!schemas) return [];
  let validate = compiled.get(name);
  if (validate === undefined) {
    validate = ajv.compile({ $ref: `description#/components/schemas/${name}` });
    compiled.set(name, validate);
  }
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => `${name}${error.instancePath} ${error.message ?? ''}`);
}
