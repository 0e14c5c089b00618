import type { z } from 'zod';
import { modelsOperations } from './openapi-models.ts';
import { peopleOperations } from './openapi-people.ts';
import { projectsOperations } from './openapi-projects.ts';
import { usageOperations } from './openapi-usage.ts';
import type { Operation, Operations } from './operation.ts';

/** Answers have the shapes of OpenAI's description, which names these operations alike. */
const operations: Operations = {
  ...projectsOperations,
  ...peopleOperations,
  ...usageOperations,
  ...modelsOperations,
};

/**
 * The paths of administration, for the API's description.
 * @param failure the answer that every operation may give. @param toJson a schema as JSON Schema.
 */
export function administrationPaths(
  failure: object,
  toJson: (schema: z.ZodType, io: 'input' | 'output') => object,
): object {
  const describe = (path: string, operation: Operation) => {
    const { operationId, summary, body, answer, status = 200, query = {}, events } = operation;
    const schema = answer === undefined ? { type: 'object' } : toJson(answer, 'output');
    const parameters = [
      ...Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({ name, in: 'path', required: true })),
      ...Object.entries(query).map(([name, description]) => ({ name, in: 'query', description })),
    ];
    return {
      operationId,
      summary,
      security: [{ adminKey: [] }, { session: [] }],
      parameters: parameters.map((parameter) => ({
        ...parameter,
        schema:
          parameter.name?.endsWith('[]') === true
            ? { type: 'array', items: { type: 'string' } }
            : { type: 'string' },
      })),
      ...(body === undefined
        ? {}
        : {
            requestBody: {
              required: true,
              content: { 'application/json': { schema: toJson(body, 'input') } },
            },
          }),
      responses: {
        [status]: {
          description: answer === undefined ? 'As OpenAI has it' : 'As described',
          content: {
            'application/json': { schema },
            ...(events ? { 'text/event-stream': { schema } } : {}),
          },
        },
        ...failure,
      },
    };
  };
  return Object.fromEntries(
    Object.entries(operations).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [method, describe(path, operation)]),
      ),
    ]),
  );
}
