import { randomUUID } from 'node:crypto';
import { ApiError } from '@weai/protocol/errors';
import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import { creatorName } from '../db/creator-name.ts';
import type { PlaygroundDocumentsTable, Tables } from '../db/tables.ts';
import type { PageCursor } from '../http/page-cursor.ts';
import { searchQuery, searchTerms } from './search-terms.ts';

type Row = Selectable<PlaygroundDocumentsTable>;
export type Kind = Row['kind'];
export type Visibility = Row['visibility'];

/** For whom documents are read or changed. */
export interface Owner {
  projectId: string;
  /** The user or the API key. */
  creatorId: string;
}

/** What is kept of a document, whatever its kind. */
export interface DocumentFields<Content> {
  title: string;
  visibility: Visibility;
  content: Content;
  /** What lists show of the content. */
  summary: Record<string, unknown>;
  /** What of the content is searched, beside the title. */
  texts: string[];
}

const summaryColumns = [
  'id',
  'creator_id',
  'visibility',
  'title',
  'version',
  'summary',
  'created_at',
  'updated_at',
  creatorName('creator_id').as('creator_name'),
] as const;
export type DocumentSummary = Pick<
  Row,
  'id' | 'creator_id' | 'visibility' | 'title' | 'version' | 'summary' | 'created_at' | 'updated_at'
> & { creator_name: string | null };
export type Document<Content> = DocumentSummary & { content: Content };

/** The most that a project keeps of a kind, and bytes of one document. */
const mostDocuments = 50_000;
const mostBytes = 4 * 1024 * 1024;

/** Documents of one kind in PostgreSQL. Whose project they aren't, or whom they aren't shown, does not find them. */
export class DocumentStore<Content extends object> {
  readonly #kysely: Kysely<Tables>;
  readonly #kind: Kind;

  constructor(kysely: Kysely<Tables>, kind: Kind) {
    this.#kysely = kysely;
    this.#kind = kind;
  }

  /** Those that an owner may see, the last changed first, one more than `limit` where there is more. */
  async list(
    owner: Owner,
    page: {
      limit: number;
      after?: PageCursor | undefined;
      query?: string | undefined;
      visibility?: Visibility | undefined;
    },
  ): Promise<DocumentSummary[]> {
    const { limit, after, visibility } = page;
    const search = page.query === undefined ? undefined : searchQuery(this.#scope(owner), page.query);
    if (search === null) return [];
    return this.#visible(owner)
      .select(summaryColumns)
      .$if(visibility !== undefined, (query) => query.where('visibility', '=', visibility ?? 'private'))
      .$if(search !== undefined, (query) => query.where(sql<boolean>`search @@ ${search}::tsquery`))
      .$if(after !== undefined, (query) =>
        query.where(sql<boolean>`(updated_at, id) < (${after?.time}::timestamptz, ${after?.id})`),
      )
      .orderBy('updated_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
  }

  /** @param lock keeps it from being changed until the transaction ends. @throws ApiError not_found. */
  async get(owner: Owner, id: string, { lock = false } = {}): Promise<Document<Content>> {
    return this.#read(this.#kysely, owner, id, lock);
  }

  /** @throws ApiError request_too_large, or invalid_request when the project keeps no more. */
  async create(owner: Owner, fields: DocumentFields<Content>): Promise<Document<Content>> {
    const content = encode(fields.content);
    const kept = this.#kysely
      .selectFrom('playground_documents')
      .select('id')
      .where('project_id', '=', owner.projectId)
      .where('kind', '=', this.#kind);
    const full = await kept
      .offset(mostDocuments - 1)
      .limit(1)
      .executeTakeFirst();
    if (full !== undefined)
      throw new ApiError(
        'invalid_request',
        `A project keeps up to ${mostDocuments} ${this.#kind}s: delete some.`,
      );
    const row = await this.#kysely
      .insertInto('playground_documents')
      .values({
        id: `${this.#kind}-${randomUUID()}`,
        kind: this.#kind,
        project_id: owner.projectId,
        creator_id: owner.creatorId,
        visibility: fields.visibility,
        title: fields.title,
        summary: JSON.stringify(fields.summary),
        content,
        search: this.#searched(owner, fields),
      })
      .returning(summaryColumns)
      .executeTakeFirstOrThrow();
    return { ...row, content: fields.content };
  }

  /**
   * Changes a document that still has the version the change was made to; of several such changes one succeeds.
   * @param change makes the new fields of the document as it is.
   * @throws ApiError not_found, insufficient_permissions for another's, version_conflict, request_too_large, or what `change` throws.
   */
  async update(
    owner: Owner,
    { id, version }: { id: string; version: number },
    change: (document: Document<Content>) => DocumentFields<Content>,
  ): Promise<Document<Content>> {
    return this.#kysely.transaction().execute(async (transaction) => {
      const document = await this.#read(transaction, owner, id, true);
      this.#refuseOther(owner, document);
      if (document.version !== version)
        throw new ApiError(
          'version_conflict',
          `The ${this.#kind} was changed meanwhile: it has version ${document.version}, and this change was made to version ${version}. Get it again.`,
          { param: 'version' },
        );
      const fields = change(document);
      const row = await transaction
        .updateTable('playground_documents')
        .set({
          visibility: fields.visibility,
          title: fields.title,
          version: version + 1,
          summary: JSON.stringify(fields.summary),
          content: encode(fields.content),
          search: this.#searched(owner, fields),
          updated_at: sql`clock_timestamp()`,
        })
        .where('id', '=', id)
        .returning(summaryColumns)
        .executeTakeFirstOrThrow();
      return { ...row, content: fields.content };
    });
  }

  /** @throws ApiError not_found, or insufficient_permissions for another's. */
  async delete(owner: Owner, id: string): Promise<void> {
    await this.#kysely.transaction().execute(async (transaction) => {
      this.#refuseOther(owner, await this.#read(transaction, owner, id, true));
      await transaction.deleteFrom('playground_documents').where('id', '=', id).execute();
    });
  }

  #visible(owner: Owner, kysely = this.#kysely) {
    return kysely
      .selectFrom('playground_documents')
      .where('project_id', '=', owner.projectId)
      .where('kind', '=', this.#kind)
      .where((eb) => eb.or([eb('creator_id', '=', owner.creatorId), eb('visibility', '=', 'project')]));
  }

  async #read(kysely: Kysely<Tables>, owner: Owner, id: string, lock = false): Promise<Document<Content>> {
    const row = await this.#visible(owner, kysely)
      .select([...summaryColumns, 'content'])
      .where('id', '=', id)
      .$if(lock, (query) => query.forUpdate())
      .executeTakeFirst();
    if (row === undefined)
      throw new ApiError('not_found', `No ${this.#kind} found with id '${id}'.`, { param: 'id' });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by create and update alone
    return { ...row, content: row.content as Content };
  }

  #refuseOther(owner: Owner, document: DocumentSummary): void {
    if (document.creator_id !== owner.creatorId)
      throw new ApiError(
        'insufficient_permissions',
        `Only who made a ${this.#kind} can change or delete it: make a copy of your own.`,
      );
  }

  /** Names kind and project in the index. Words of people never have a colon. */
  #scope(owner: Owner): string {
    return `${this.#kind}:${owner.projectId}`;
  }

  #searched(owner: Owner, { title, texts }: DocumentFields<Content>): RawBuilder<unknown> {
    return sql`array_to_tsvector(${[this.#scope(owner), ...searchTerms([title, ...texts])]}::text[])`;
  }
}

function encode(content: object): string {
  const json = JSON.stringify(content);
  if (Buffer.byteLength(json) > mostBytes)
    throw new ApiError(
      'request_too_large',
      `It would have more than ${mostBytes} bytes: leave something out.`,
    );
  return json;
}
