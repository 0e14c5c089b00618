import { apiErrorFromIssue } from '@weai/protocol/request-issues';
import { ApiError } from '@weai/protocol/errors';
import { checkJsonLimits } from '@weai/protocol/json-limits';
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

/** Control characters, and those that hide or reorder text: in a list on a terminal they could feign another line. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u;

/** A name that people give. */
export const nameSchema = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => !unprintable.test(name), 'expected a name without control characters')
  .refine((name) => name.trim() === name, 'expected a name without spaces around it');

/** An email address, in lower case from here on. */
export const emailSchema = z
  .email()
  .max(254)
  .transform((text) => text.toLowerCase());

/** Something in a query that is compared with ids or names. */
export const textSchema = z
  .string()
  .min(1)
  .max(256)
  .refine((text) => !unprintable.test(text), 'expected text without control characters');

/** Several of them; one may be given alone. */
export const textsSchema = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  z.array(textSchema).max(1000).optional(),
);

/** A whole number in a query. */
export function wholeNumber(least: number, most: number) {
  return z.string().transform((text, context) => {
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    context.addIssue({ code: 'custom', message: `expected a whole number from ${least} to ${most}` });
    return z.NEVER;
  });
}

/** `true` or `false` in a query. */
export const booleanSchema = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Unix seconds until the year 9999. */
export const timeSchema = wholeNumber(0, 253_402_300_799);

/** `limit` and `after` of a list. */
export const pageFields = { limit: wholeNumber(1, 100).optional(), after: textSchema.optional() };

/**
 * A query string as its schema describes it. Clients write lists as `a=1&a=2` or `a[]=1`, and ranges as `a[gt]=1`.
 * Throws ApiError that names the field.
 */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const fields: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(query ?? {})) {
    const [, field = '', inner] = /^([^[\]]*)\[([^[\]]*)\]$/.exec(name) ?? [];
    if (inner === undefined) fields[name] = value;
    else if (inner === '') fields[field] = [value].flat();
    else fields[field] = { ...Object(fields[field]), [inner]: value };
  }
  return parse(schema, fields);
}

/** A body as its schema describes it. Throws ApiError that names the field. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  if (body === undefined) throw new ApiError('invalid_json', 'The request has no body: send a JSON object.');
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ApiError('invalid_type', 'The body must be a JSON object.');
  return parse(schema, body);
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw apiErrorFromIssue(parsed.error.issues[0], value);
  // Where any text is right there may still be what PostgreSQL can't store.
  checkJsonLimits(value);
  return parsed.data;
}

/** A field of a query has a value that it can't have. */
export function invalidField(field: string, why: string): ApiError {
  return new ApiError('invalid_value', `Invalid '${field}': ${why}.`, { param: field });
}

/** A name on the command line. Throws what commander shows. */
export function parseName(text: string): string {
  const parsed = nameSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('Give 1 to 200 characters, without control characters or spaces around.');
}
