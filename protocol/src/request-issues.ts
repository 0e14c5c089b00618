import type { z } from 'zod';
import { ApiError, type ErrorCode } from './errors.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Known fields that are refused whatever they hold, and those of which one value is served. */
const unsupportedParameters = new Set([
  'functions',
  'audio',
  'prediction',
  'web_search_options',
  'moderation',
  'prompt_cache_options',
  'prompt_cache_breakpoint',
]);
const restrictedParameters = new Set([
  'service_tier',
  'reasoning_effort',
  'verbosity',
  'modalities',
  'prompt_cache_retention',
  'function_call',
]);
/** Variants that the OpenAI API has and WeAI has not. */
const unsupportedVariants = new Set(['input_audio', 'file', 'custom']);

/**
 * Says in the OpenAI API's words what the first issue of a body is.
 * @param body what was checked: its values name the type that came.
 */
export function apiErrorFromIssue(issue: Issue | undefined, body: unknown): ApiError {
  if (issue === undefined) return new ApiError('invalid_request', 'The request is not valid.');
  return translate(issue, [], body);
}

function translate(issue: Issue, prefix: Path, body: unknown): ApiError {
  const path = [...prefix, ...issue.path];
  const value = valueAt(body, path);
  const unsupported = unsupportedField(path, issue, body);
  if (unsupported !== null) return unsupported;
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined
        ? missing(path)
        : wrongType(path, typeNames[issue.expected] ?? issue.expected, value);
    case 'unrecognized_keys':
      return unknownKey([...path, issue.keys[0] ?? '']);
    case 'invalid_value':
      return value === undefined ? missing(path) : notOneOf(path, issue.values, value);
    case 'invalid_union':
      return invalidUnion(issue, path, value, body);
    case 'too_small':
      return outOfRange(
        path,
        issue.origin,
        issue.inclusive === false ? 'more than' : 'at least',
        issue.minimum,
        value,
      );
    case 'too_big':
      return outOfRange(
        path,
        issue.origin,
        issue.inclusive === false ? 'less than' : 'at most',
        issue.maximum,
        value,
      );
    case 'invalid_format':
      // People see this one too, where they type theirs.
      if (issue.format === 'email') return invalid(path, 'expected an email address, like ana@example.com');
      return invalid(
        path,
        `expected text that matches ${'pattern' in issue ? (issue.pattern ?? issue.format) : issue.format}`,
      );
    case 'invalid_key':
      return invalid(path, 'expected a token id, a whole number, as the key');
    case 'custom':
      return invalid(path, issue.message);
    default:
      return invalid(path, 'expected another value');
  }
}

function unsupportedField(path: Path, issue: Issue, body: unknown): ApiError | null {
  const [field, , part] = path;
  const name = String(path.at(-1) ?? '');
  if (field === 'messages') {
    const refused = part === 'name' || part === 'function_call' || unsupportedParameters.has(name);
    return refused ? unsupportedParameter(path) : null;
  }
  if (unsupportedParameters.has(String(field))) return unsupportedParameter([field ?? '']);
  if (restrictedParameters.has(String(field))) return unsupportedValue([field ?? ''], issue, body);
  return name === 'include_obfuscation' ? unsupportedValue(path, issue, body) : null;
}

function unsupportedParameter(path: Path): ApiError {
  return fail('unsupported_parameter', path, `Unsupported parameter: '${join(path)}' is not supported.`);
}

function unsupportedValue(path: Path, issue: Issue, body: unknown): ApiError {
  const advice =
    issue.code === 'invalid_value' ? `Supported values are: ${listed(issue.values)}.` : 'Leave it out.';
  return fail(
    'unsupported_value',
    path,
    `Unsupported value: '${join(path)}' does not support ${quote(valueAt(body, path))}. ${advice}`,
  );
}

function invalidUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  value: unknown,
  body: unknown,
): ApiError {
  if (issue.discriminator !== undefined) return unknownVariant(issue, path, value);
  // The branch that accepted the value's type says best what is wrong inside it.
  const matching = issue.errors.find((errors) => errors.every((inner) => !rejectsWhole(inner)));
  const first = matching?.[0];
  if (first !== undefined) return translate(first, path, body);
  if (value === undefined) return missing(path);
  const rejections = issue.errors.flat();
  for (const inner of rejections) {
    if (inner.code === 'invalid_value' && typeof inner.values[0] === typeof value) {
      return notOneOf(path, inner.values, value);
    }
  }
  const forms = rejections.map((inner) =>
    inner.code === 'invalid_type' ? typeNames[inner.expected] : 'a string',
  );
  return wrongType(path, forms.join(' or '), value);
}

function rejectsWhole(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function unknownVariant(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  value: unknown,
): ApiError {
  // zod names the discriminator in the path when the value is an object that has none of the variants.
  const at = path.at(-1) === issue.discriminator ? path : [...path, issue.discriminator ?? ''];
  const variant = path === at ? value : undefined;
  if (variant === undefined) return missing(at);
  if (typeof variant !== 'string') return wrongType(at, 'a string', variant);
  if (at.at(-1) === 'role' && variant === 'function') {
    return fail(
      'unsupported_parameter',
      at,
      `Unsupported parameter: '${join(at)}' does not support the deprecated role 'function'. Use 'tool'.`,
    );
  }
  if (unsupportedVariants.has(variant)) {
    const part = at.slice(0, -1);
    return fail(
      'unsupported_value',
      part,
      `Unsupported value: '${join(part)}' is of type '${variant}', which is not supported.`,
    );
  }
  return notOneOf(at, ('options' in issue && issue.options) || [], variant);
}

function missing(path: Path): ApiError {
  return fail('missing_required_parameter', path, `Missing required parameter: '${join(path)}'.`);
}

function unknownKey(path: Path): ApiError {
  return fail('unknown_parameter', path, `Unknown parameter: '${join(path)}'.`);
}

function wrongType(path: Path, expected: string, value: unknown): ApiError {
  const what = path.length === 0 ? 'the body' : `'${join(path)}'`;
  return fail(
    'invalid_type',
    path,
    `Invalid type for ${what}: expected ${expected}, but got ${typeName(value)} instead.`,
  );
}

function notOneOf(path: Path, values: readonly unknown[], value: unknown): ApiError {
  if (typeof value !== typeof values[0]) return wrongType(path, `one of ${listed(values)}`, value);
  return fail(
    'invalid_value',
    path,
    `Invalid value: ${quote(value)}. Supported values of '${join(path)}' are: ${listed(values)}.`,
  );
}

function listed(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(', ');
}

function outOfRange(
  path: Path,
  origin: string,
  bound: string,
  limit: number | bigint,
  value: unknown,
): ApiError {
  if (typeof value === 'string')
    return invalid(path, `expected ${bound} ${counted(limit, 'character')}, but got ${value.length}`);
  if (Array.isArray(value))
    return invalid(path, `expected ${bound} ${counted(limit, 'item')}, but got ${value.length}`);
  return invalid(
    path,
    `expected a ${origin === 'int' ? 'whole number' : 'number'} of ${bound} ${limit}, but got ${quote(value)}`,
  );
}

function invalid(path: Path, why: string): ApiError {
  return fail('invalid_value', path, `Invalid '${join(path)}': ${why}.`);
}

function fail(code: ErrorCode, path: Path, message: string): ApiError {
  return new ApiError(code, message, { param: path.length === 0 ? null : join(path) });
}

function join(path: Path): string {
  return path.map(String).join('.').slice(0, 256);
}

function counted(limit: number | bigint, noun: string): string {
  return `${limit} ${noun}${Number(limit) === 1 ? '' : 's'}`;
}

/** A value shortened for a message: what came may be megabytes. */
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 64 ? text : `${text.slice(0, 64)}…`;
}

function valueAt(body: unknown, path: Path): unknown {
  let value = body;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

const typeNames: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'a boolean',
  object: 'an object',
  record: 'an object',
  array: 'an array',
  tuple: 'an array',
  null: 'null',
};

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return 'a number out of range';
    return Number.isInteger(value) ? 'an integer' : 'a decimal';
  }
  return typeNames[typeof value] ?? `a ${typeof value}`;
}
