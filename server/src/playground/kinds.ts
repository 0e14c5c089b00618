import { z } from 'zod';
import type { Kind } from './documents.ts';

/** What tells one kind of document from another. Each has a list at /v1/playground/<plural>. */
export interface DocumentKind<Content extends object> {
  kind: Kind;
  plural: string;
  /** The title of one that is given none. */
  untitled: string;
  content: z.ZodObject<Record<keyof Content, z.ZodType>>;
  /** What of the content lists show. */
  summary: z.ZodObject;
  /** The content of one that is given none. */
  empty: Content;
  /** Throws ApiError when parts of the content don't fit each other. */
  check(content: Content): void;
  summarize(content: Content): Record<string, unknown>;
  /** What of the content is searched. */
  texts(content: Content): string[];
}

const title = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !/\p{Cc}/u.test(text), 'expected a title without control characters');
const visibility = z
  .enum(['private', 'project'])
  .describe('`project` shows it to everyone in the project; only who made it can change it');

/** What a body may have; what it leaves out stays as it is, or is empty at first. */
export type GivenFields<Content> = Partial<Content> & {
  title?: string;
  visibility?: z.output<typeof visibility>;
};

/** The bodies that make and change a document of a kind. */
export function bodiesOf<Content extends object>({ content }: DocumentKind<Content>) {
  const given = { title: title.optional(), visibility: visibility.optional(), ...content.partial().shape };
  const version = z.int().min(1).max(2_147_483_647).describe('Of the document that the change was made to');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- zod can't tell a generic shape's output
  return {
    create: z.strictObject(given),
    update: z.strictObject({ version, ...given }),
  } as unknown as {
    create: z.ZodType<GivenFields<Content>>;
    update: z.ZodType<GivenFields<Content> & { version: number }>;
  };
}

/** What every answer has, also in lists. */
const described = {
  id: z.string(),
  title: z.string(),
  visibility,
  version: z.int(),
  created_by: z.string().describe('The user, or the API key'),
  created_by_name: z.string().nullable().describe('Null for one that is not there any more'),
  can_edit: z.boolean().describe('Whether this caller may change and delete it'),
  created_at: z.int().describe('Unix time in seconds'),
  updated_at: z.int().describe('Unix time in seconds'),
};

/** The answers about a kind: one document, and its line in a list. */
export function answersOf<Content extends object>({ kind, content, summary }: DocumentKind<Content>) {
  const object = z.literal(`playground.${kind}`);
  const line = z.object({ ...described, object, ...summary.shape });
  return {
    document: z.object({ ...described, object, ...summary.shape, ...content.shape }),
    list: z.object({
      object: z.literal('list'),
      data: z.array(line),
      has_more: z.boolean(),
      next_cursor: z.string().nullable().describe('What `after` must be for the next page'),
    }),
  };
}
