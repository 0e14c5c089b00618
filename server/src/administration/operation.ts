import type { z } from 'zod';

/** An operation of administration, for the API's description. */
export interface Operation {
  operationId: string;
  summary: string;
  body?: z.ZodType;
  /** What it answers; an object of OpenAI's description when left out. */
  answer?: z.ZodType;
  /** 200 when left out. */
  status?: 202;
  /** Descriptions by name; a name ends in `[]` where there may be several. */
  query?: Record<string, string>;
  /** Whether the answer may be events of the same objects instead. */
  events?: true;
}

/** Operations by path and method. */
export type Operations = Record<string, { get?: Operation; post?: Operation; delete?: Operation }>;

/** What pages of a list have. */
export const page = { limit: 'At most so many: 1 to 100', after: 'The `last_id` of the page before' };
