import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { checkoutDirectory } from '../config.ts';

const file = join(checkoutDirectory, '../shared/reference/openai-openapi-2.3.0.yaml');

/**
 * What is wrong with an answer by a schema of OpenAI's API description; empty when nothing is, or where the description isn't
 * beside the checkout.
 */
export function descriptionProblems(schemaName: string, answer: unknown): string[] {
  if (!existsSync(file)) return [];
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'description', components: { schemas: schemasFrom(schemaName) } });
  const validate = ajv.compile({ $ref: `description#/components/schemas/${schemaName}` });
  if (validate(answer)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}

/** The schema and all it refers to; the rest is left out, since parsing takes seconds. */
function schemasFrom(root: string): Record<string, unknown> {
  const text = readFileSync(file, 'utf8');
  const blocks = new Map(
    Array.from(
      text.slice(text.search(/^ {2}schemas:$/m)).matchAll(/^ {4}([\w.-]+):\n((?: {5,}.*\n|\n)+)/gm),
      ([, name = '', block = '']) => [name, block],
    ),
  );
  const found: Record<string, unknown> = {};
  const waiting = [root];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name in found) continue;
    const block = blocks.get(name);
    if (block === undefined) throw new Error(`the API description has no schema ${name}`);
    found[name] = parse(block);
    waiting.push(
      ...Array.from(block.matchAll(/#\/components\/schemas\/([\w.-]+)/g), ([, used = '']) => used),
    );
  }
  return found;
}

/**
 * What the description says that an operation answers with 200: the name of a schema. Null where it has no such operation, and
 * where it isn't beside the checkout.
 */
export function schemaOfAnswer(operationId: string): string | null {
  if (!existsSync(file)) return null;
  description ??= readFileSync(file, 'utf8');
  const at = description.search(new RegExp(`^ +operationId: ${operationId}$`, 'm'));
  if (at === -1) return null;
  const responses = description.indexOf('responses:', at);
  const [, name = null] =
    /#\/components\/schemas\/([\w.-]+)/.exec(description.slice(responses, responses + 600)) ?? [];
  return name;
}

let description: string | undefined;
