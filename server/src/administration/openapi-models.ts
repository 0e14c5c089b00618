import { z } from 'zod';
import { deploymentDetailsSchema, modelDetailsSchema, pullSchema } from '../models/model-details.ts';
import { deletionOf } from './answers.ts';
import { deploymentBody, deploymentTestSchema } from './deployment-routes.ts';
import type { Operations } from './operation.ts';

const listOf = (item: z.ZodType) => z.object({ object: z.literal('list'), data: z.array(item) });
const model = '/v1/organization/models/{model_id}';
const deployments = '/v1/organization/deployments';

/** Models and what serves them. */
export const modelsOperations: Operations = {
  '/v1/organization/models': {
    get: {
      operationId: 'list-models-administration',
      summary: 'List models with what serves them and how it is',
      answer: listOf(modelDetailsSchema),
    },
  },
  [model]: {
    get: {
      operationId: 'retrieve-model-administration',
      summary: 'Describe a model with what serves it; slashes in its id are encoded',
      answer: modelDetailsSchema,
    },
  },
  [`${model}/pull`]: {
    get: {
      operationId: 'retrieve-pull',
      summary: 'Show how far the weights of a model are',
      query: { stream: '`true`: an event for each change, until nothing is under way, then `[DONE]`' },
      answer: pullSchema,
      events: true,
    },
    post: {
      operationId: 'start-pull',
      summary: 'Fetch the weights of a model, or go on with it',
      answer: pullSchema,
      status: 202,
    },
  },
  [`${model}/pull/cancel`]: {
    post: { operationId: 'cancel-pull', summary: 'Stop fetching; what is there stays', answer: pullSchema },
  },
  [deployments]: {
    get: {
      operationId: 'list-deployments',
      summary: 'List what serves models',
      answer: listOf(deploymentDetailsSchema),
    },
    post: {
      operationId: 'create-deployment',
      summary: 'Connect an engine elsewhere, after a test',
      body: deploymentBody,
      answer: deploymentDetailsSchema,
    },
  },
  [`${deployments}/test`]: {
    post: {
      operationId: 'test-deployment',
      summary: 'Try an engine elsewhere: its list of models, and one token',
      body: deploymentBody,
      answer: deploymentTestSchema,
    },
  },
  [`${deployments}/{deployment_id}`]: {
    get: {
      operationId: 'retrieve-deployment',
      summary: 'Describe a deployment',
      answer: deploymentDetailsSchema,
    },
    delete: {
      operationId: 'delete-deployment',
      summary: 'Disconnect an engine that was connected by hand',
      answer: deletionOf('organization.deployment.deleted'),
    },
  },
};
