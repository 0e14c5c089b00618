import { checkJsonLimits } from '@weai/protocol/json-limits';
import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { invalidField, parseBody, parseQuery, textSchema, wholeNumber } from '../administration/fields.ts';
import { unixSeconds } from '../administration/list.ts';
import type { Tables } from '../db/tables.ts';
import { identityOf } from '../http/authentication.ts';
import { readCursor, writeCursor } from '../http/page-cursor.ts';
import { comparisons } from './comparisons.ts';
import { conversations } from './conversations.ts';
import { type DocumentFields, DocumentStore, type DocumentSummary, type Owner } from './documents.ts';
import { bodiesOf, type DocumentKind, type GivenFields } from './kinds.ts';
import { presets } from './presets.ts';
import { voteBody, voteObject, VoteStore } from './votes.ts';

/** Above the largest document, for what JSON takes more than it holds. */
const bodyLimit = 6 * 1024 * 1024;

/** What a list may be asked for. */
export const listQuery = z.strictObject({
  limit: wholeNumber(1, 100).optional(),
  after: textSchema.optional(),
  query: textSchema.optional(),
  visibility: z.enum(['private', 'project']).optional(),
});

interface WithId {
  Params: { id: string };
}

/** /v1/playground/…: what people keep from the playground, within the project of the caller. */
export function playgroundRoutes(app: FastifyInstance, { kysely }: { kysely: Kysely<Tables> }): void {
  documentRoutes(app, kysely, conversations);
  documentRoutes(app, kysely, presets);
  documentRoutes(app, kysely, comparisons);
  voteRoutes(app, kysely);
}

function voteRoutes(app: FastifyInstance, kysely: Kysely<Tables>): void {
  const votes = new VoteStore(kysely);
  const path = '/v1/playground/comparisons/:id/votes';

  app.get<WithId>(path, async (request) => votes.list(ownerOf(request), idOf(request)));

  app.post<WithId>(path, async (request) =>
    voteObject(await votes.vote(ownerOf(request), idOf(request), readBody(voteBody, request.body))),
  );

  app.delete<{ Params: { id: string; prompt_id: string } }>(`${path}/:prompt_id`, async (request) => {
    const { prompt_id: promptId } = request.params;
    await votes.retract(ownerOf(request), idOf(request), idOf({ params: { id: promptId } }, 'prompt_id'));
    return { object: 'playground.vote.deleted', id: promptId, deleted: true };
  });
}

function documentRoutes<Content extends object>(
  app: FastifyInstance,
  kysely: Kysely<Tables>,
  kind: DocumentKind<Content>,
): void {
  const store = new DocumentStore<Content>(kysely, kind.kind);
  const bodies = bodiesOf(kind);
  const path = `/v1/playground/${kind.plural}`;

  app.get(path, async (request) => {
    const { limit = 20, after: cursor, query, visibility } = parseQuery(listQuery, request.query);
    const after = cursor === undefined ? undefined : readCursor(cursor);
    if (after === null) throw invalidField('after', 'expected the next_cursor of an answer to this list');
    const owner = ownerOf(request);
    const found = await store.list(owner, { limit, after, query, visibility });
    const data = found.slice(0, limit);
    const last = data.at(-1);
    const more = found.length > limit && last !== undefined;
    return {
      object: 'list',
      data: data.map((document) => describe(owner, document)),
      has_more: more,
      next_cursor: more ? writeCursor({ time: last.updated_at, id: last.id }) : null,
    };
  });

  app.post(path, { bodyLimit }, async (request) => {
    const owner = ownerOf(request);
    const body = readBody(bodies.create, request.body);
    const made = await store.create(
      owner,
      fieldsOf({ title: kind.untitled, visibility: 'private', content: kind.empty }, body),
    );
    return { ...describe(owner, made), ...made.content };
  });

  app.get<WithId>(`${path}/:id`, async (request) => {
    const owner = ownerOf(request);
    const document = await store.get(owner, idOf(request));
    return { ...describe(owner, document), ...document.content };
  });

  app.post<WithId>(`${path}/:id`, { bodyLimit }, async (request) => {
    const owner = ownerOf(request);
    const { version, ...body } = readBody(bodies.update, request.body);
    const changed = await store.update(owner, { id: idOf(request), version }, (document) =>
      fieldsOf(document, body as GivenFields<Content>),
    );
    return { ...describe(owner, changed), ...changed.content };
  });

  app.delete<WithId>(`${path}/:id`, async (request) => {
    const id = idOf(request);
    await store.delete(ownerOf(request), id);
    return { object: `playground.${kind.kind}.deleted`, id, deleted: true };
  });

  /** The document as it was, with what a body gives. */
  function fieldsOf(
    before: Pick<DocumentFields<Content>, 'title' | 'visibility' | 'content'>,
    { title = before.title, visibility = before.visibility, ...given }: GivenFields<Content>,
  ): DocumentFields<Content> {
    const content = { ...before.content, ...given };
    kind.check(content);
    return { title, visibility, content, summary: kind.summarize(content), texts: kind.texts(content) };
  }

  function describe(owner: Owner, document: DocumentSummary) {
    return {
      id: document.id,
      object: `playground.${kind.kind}`,
      title: document.title,
      visibility: document.visibility,
      version: document.version,
      created_by: document.creator_id,
      created_by_name: document.creator_name,
      can_edit: document.creator_id === owner.creatorId,
      created_at: unixSeconds(document.created_at),
      updated_at: unixSeconds(document.updated_at),
      ...document.summary,
    };
  }
}

function idOf({ params: { id } }: { params: { id: string } }, param = 'id'): string {
  if (/^[\w-]{1,100}$/.test(id)) return id;
  throw new ApiError('not_found', 'There is nothing of this id.', { param });
}

function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  checkJsonLimits(body);
  return parseBody(schema, body);
}

function ownerOf(request: FastifyRequest): Owner {
  const { projectId, keyId } = identityOf(request);
  return { projectId, creatorId: keyId };
}
