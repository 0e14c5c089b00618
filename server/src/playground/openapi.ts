import { describeSchemas, json, namedSchemas, reference } from '../openapi-schemas.ts';
import { metricsSchema } from './answer.ts';
import { comparisons } from './comparisons.ts';
import { conversations, messageSchema } from './conversations.ts';
import { answersOf, bodiesOf, type DocumentKind } from './kinds.ts';
import { presets } from './presets.ts';
import { settingsSchema } from './settings.ts';
import { voteBody, voteSchema, votesSchema } from './votes.ts';

const listParameters = {
  limit: { schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
  after: { schema: { type: 'string' }, description: 'The `next_cursor` of the page before' },
  query: {
    schema: { type: 'string', maxLength: 256 },
    description: 'Words, or their beginnings, that title and content must have',
  },
  visibility: { schema: { type: 'string', enum: ['private', 'project'] } },
};

const removed = {
  type: 'object',
  properties: { id: { type: 'string' }, object: { type: 'string' }, deleted: { const: true } },
  required: ['id', 'object', 'deleted'],
};

/**
 * The paths and schemas of the playground, for the API's description.
 * @param failure the answer that every operation may give.
 */
export function playgroundDescription(failure: object): { paths: object; schemas: object } {
  const inputs = namedSchemas();
  const outputs = namedSchemas();
  for (const registry of [inputs, outputs]) {
    registry.add(settingsSchema, { id: 'PlaygroundSettings' });
    registry.add(messageSchema, { id: 'PlaygroundMessage' });
    registry.add(metricsSchema, { id: 'PlaygroundMetrics' });
  }
  const paths = {
    ...pathsOf(conversations, 'PlaygroundConversation', 'a conversation'),
    ...pathsOf(presets, 'PlaygroundPreset', 'a preset'),
    ...pathsOf(comparisons, 'PlaygroundComparison', 'a comparison'),
    ...votePaths(),
  };
  return { paths, schemas: { ...describeSchemas(outputs, 'output'), ...describeSchemas(inputs, 'input') } };

  function pathsOf<Content extends object>(kind: DocumentKind<Content>, name: string, noun: string) {
    const bodies = bodiesOf(kind);
    const answers = answersOf(kind);
    inputs.add(bodies.create, { id: `Create${name}` });
    inputs.add(bodies.update, { id: `Update${name}` });
    outputs.add(answers.document, { id: name });
    outputs.add(answers.list, { id: `${name}List` });
    const document = { 200: { description: 'As it is now', content: json(reference(name)) }, ...failure };
    return {
      [`/v1/playground/${kind.plural}`]: {
        get: {
          operationId: `list${name}s`,
          summary: `List the ${kind.plural} that the caller may see, the last changed first`,
          parameters: Object.entries(listParameters).map(([field, described]) => ({
            name: field,
            in: 'query',
            ...described,
          })),
          responses: {
            200: { description: 'A page of them', content: json(reference(`${name}List`)) },
            ...failure,
          },
        },
        post: {
          operationId: `create${name}`,
          summary: `Keep ${noun}`,
          requestBody: { required: true, content: json(reference(`Create${name}`)) },
          responses: document,
        },
      },
      [`/v1/playground/${kind.plural}/{id}`]: {
        parameters: [pathParameter('id')],
        get: { operationId: `retrieve${name}`, summary: `Show ${noun}`, responses: document },
        post: {
          operationId: `update${name}`,
          summary: `Change ${noun}; 409 version_conflict when it was changed meanwhile`,
          requestBody: { required: true, content: json(reference(`Update${name}`)) },
          responses: document,
        },
        delete: {
          operationId: `delete${name}`,
          summary: `Delete ${noun}`,
          responses: { 200: { description: 'It is deleted', content: json(removed) }, ...failure },
        },
      },
    };
  }

  function votePaths() {
    inputs.add(voteBody, { id: 'CreatePlaygroundVote' });
    outputs.add(voteSchema, { id: 'PlaygroundVote' });
    outputs.add(votesSchema, { id: 'PlaygroundVoteList' });
    return {
      '/v1/playground/comparisons/{id}/votes': {
        parameters: [pathParameter('id')],
        get: {
          operationId: 'listPlaygroundVotes',
          summary: 'Show the votes of a comparison and their tally',
          responses: {
            200: { description: 'Votes on its prompts', content: json(reference('PlaygroundVoteList')) },
            ...failure,
          },
        },
        post: {
          operationId: 'createPlaygroundVote',
          summary: 'Vote on the answers to a prompt; voting again replaces the vote',
          requestBody: { required: true, content: json(reference('CreatePlaygroundVote')) },
          responses: {
            200: { description: 'The vote', content: json(reference('PlaygroundVote')) },
            ...failure,
          },
        },
      },
      '/v1/playground/comparisons/{id}/votes/{prompt_id}': {
        parameters: [pathParameter('id'), pathParameter('prompt_id')],
        delete: {
          operationId: 'deletePlaygroundVote',
          summary: "Take the caller's vote on a prompt back",
          responses: { 200: { description: 'It is deleted', content: json(removed) }, ...failure },
        },
      },
    };
  }
}

function pathParameter(name: string) {
  return { name, in: 'path', required: true, schema: { type: 'string' } };
}
