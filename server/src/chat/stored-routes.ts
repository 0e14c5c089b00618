import { type ChatMessage, messageText } from '@weai/protocol/chat-messages';
import { chatRequestSchema } from '@weai/protocol/chat-request';
import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import type { ChatCompletion, ChatCompletionDeleted } from 'openai/resources/chat/completions';
import { z } from 'zod';
import { invalidField, pageFields, parseBody, parseQuery, textSchema } from '../administration/fields.ts';
import { listPage } from '../administration/list.ts';
import type { RequestContent } from '../contents/store.ts';
import { deleteStored, findStored, listStored, updateStored } from '../contents/stored.ts';
import type { Tables } from '../db/tables.ts';
import { identityOf } from '../http/authentication.ts';

const order = z.enum(['asc', 'desc']).optional();
const { metadata } = chatRequestSchema.shape;

/** What a list of stored completions may be asked for. */
const listQuery = z.strictObject({ ...pageFields, order, model: textSchema.optional(), metadata });
const messagesQuery = z.strictObject({ ...pageFields, order });
/** What changes a stored completion. */
export const storedBody = z.strictObject({ metadata: metadata.unwrap().nullable() });

const path = '/v1/chat/completions';
const idPattern = /^[\w-]{1,100}$/;

interface WithId {
  Params: { completion_id: string };
}

/** GET /v1/chat/completions and what is below: completions that were asked for with `store`, within the project of the key. */
export function storedRoutes(app: FastifyInstance, { kysely }: { kysely: Kysely<Tables> }): void {
  app.get(path, async (request) => {
    const { limit = 20, order = 'asc', metadata, ...query } = parseQuery(listQuery, request.query);
    const { projectId } = identityOf(request);
    const found = await listStored(kysely, projectId, {
      limit,
      order,
      metadata: metadata ?? undefined,
      ...query,
    });
    return listPage(found.map(storedCompletion), limit);
  });

  app.get<WithId>(`${path}/:completion_id`, async (request) => {
    const id = idOf(request);
    return storedCompletion(orNotFound(id, await findStored(kysely, identityOf(request).projectId, id)));
  });

  app.post<WithId>(`${path}/:completion_id`, async (request) => {
    const completionId = idOf(request);
    const { metadata } = parseBody(storedBody, request.body);
    const change = { completionId, metadata };
    return storedCompletion(
      orNotFound(completionId, await updateStored(kysely, identityOf(request).projectId, change)),
    );
  });

  app.delete<WithId>(`${path}/:completion_id`, async (request) => {
    const id = idOf(request);
    if (!(await deleteStored(kysely, identityOf(request).projectId, id))) throw notFound(id);
    return { object: 'chat.completion.deleted', id, deleted: true } satisfies ChatCompletionDeleted;
  });

  app.get<WithId>(`${path}/:completion_id/messages`, async (request) => {
    const id = idOf(request);
    const { limit = 20, order = 'asc', after } = parseQuery(messagesQuery, request.query);
    const stored = orNotFound(id, await findStored(kysely, identityOf(request).projectId, id));
    const all = storedMessages(id, stored);
    const ordered = order === 'asc' ? all : all.toReversed();
    const last = after === undefined ? -1 : ordered.findIndex((message) => message.id === after);
    if (after !== undefined && last === -1)
      throw invalidField('after', 'expected the id of an object of this list');
    return listPage(ordered.slice(last + 1, last + 2 + limit), limit);
  });
}

/** The completion as it was answered, with its metadata. What was cut is told by an extension. */
function storedCompletion({ answer, metadata, truncated }: RequestContent) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a stored completion has its whole answer
  const completion = answer as unknown as ChatCompletion;
  return { ...completion, metadata: metadata ?? {}, ...(truncated ? { weai: { truncated } } : {}) };
}

/** The messages of the request; ids count from its first one, also when that was too long to keep. */
function storedMessages(completionId: string, { request }: RequestContent) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written from a checked request
  const { messages, messages_left_out: leftOut = 0 } = request as unknown as {
    messages: ChatMessage[];
    messages_left_out?: number;
  };
  return messages.map((message, index) => ({
    id: `${completionId}-${index + leftOut}`,
    ...message,
    content: Array.isArray(message.content) ? messageText(message) : (message.content ?? null),
    content_parts: Array.isArray(message.content) ? message.content : null,
    refusal: message.role === 'assistant' ? (message.refusal ?? null) : null,
  }));
}

/** The id of a path. What none can be is not looked for: PostgreSQL has no text with NUL. */
function idOf({ params: { completion_id: id } }: { params: WithId['Params'] }): string {
  if (!idPattern.test(id)) throw notFound(id);
  return id;
}

function orNotFound(id: string, found: RequestContent | undefined): RequestContent {
  if (found === undefined) throw notFound(id);
  return found;
}

function notFound(id: string): ApiError {
  const shown = idPattern.test(id) ? ` with id '${id}'` : ' of this id';
  return new ApiError('not_found', `No stored chat completion found${shown}.`, { param: 'completion_id' });
}
