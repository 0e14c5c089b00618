import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { checkoutDirectory } from './weights.ts';

const file = path.join(checkoutDirectory, '../shared/reference/openai-openapi-2.3.0.yaml');

/** Schemas that answers are checked against; the rest of the description is left out, since parsing takes seconds. */
const roots = [
  'ChatCompletionDeleted',
  'ChatCompletionList',
  'CreateChatCompletionRequest',
  'CreateChatCompletionResponse',
  'CreateChatCompletionStreamResponse',
  'ErrorResponse',
  'ListModelsResponse',
  'Model',
];

/** A JSON Schema; only what the suites read of it is named. */
export interface DescribedSchema {
  $ref?: string;
  allOf?: DescribedSchema[];
  properties?: Record<string, DescribedSchema>;
}

export type Schemas = Record<string, DescribedSchema>;

/**
 * The API description's schemas for chat completions, models and errors, as JSON Schema.
 * Null where the description is not beside the checkout.
 */
export function loadSchemas(): Schemas | null {
  if (!existsSync(file)) return null;
  const blocks = new Map<string, string>();
  const text = readFileSync(file, 'utf8');
  const schemas = text.slice(text.search(/^ {2}schemas:$/m));
  for (const match of schemas.matchAll(/^ {4}([\w.-]+):\n((?: {5,}.*\n|\n)+)/gm)) {
    blocks.set(match[1] ?? '', match[2] ?? '');
  }
  const found: Schemas = {};
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const block = blocks.get(name);
    if (name in found) continue;
    if (block === undefined) throw new Error(`the API description has no schema ${name}`);
    found[name] = JSON.parse(JSON.stringify(parse(block)), withoutNullable);
    waiting.push(
      ...Array.from(block.matchAll(/#\/components\/schemas\/([\w.-]+)/g), (match) => match[1] ?? ''),
    );
  }
  return found;
}

/** OpenAPI 3.0's `nullable` is still used in places; JSON Schema has no such keyword. A reviver for `JSON.parse`. */
function withoutNullable(_key: string, node: unknown): unknown {
  if (typeof node !== 'object' || node === null || !('nullable' in node)) return node;
  const { nullable, ...schema } = node;
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema;
}
