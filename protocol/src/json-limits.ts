import { ApiError } from './errors.ts';

const maxDepth = 128;
const maxItems = 2048;
const maxValues = 100_000;

/**
 * Bounds a parsed JSON body before anything looks into it: nesting, lengths of lists, number of values, and text that
 * no tokenizer can take (NUL, halves of surrogate pairs).
 * @throws ApiError invalid_value, with the path of what is wrong.
 */
export function checkJsonLimits(body: unknown): void {
  visit(body, { values: 0, path: [] });
}

interface Visit {
  values: number;
  path: (string | number)[];
}

function visit(value: unknown, state: Visit): void {
  if (typeof value === 'string') {
    checkText(value, state);
  } else if (typeof value === 'object' && value !== null) {
    if (state.path.length >= maxDepth) {
      throw refusal(state.path.slice(0, 4), `it is nested more than ${maxDepth} levels deep`);
    }
    if (Array.isArray(value)) visitArray(value, state);
    else visitObject(value, state);
  }
}

function visitArray(items: unknown[], state: Visit): void {
  if (items.length > maxItems) {
    throw refusal(state.path, `expected at most ${maxItems} items, but got ${items.length}`);
  }
  count(items.length, state);
  for (let index = 0; index < items.length; index += 1) {
    state.path.push(index);
    visit(items[index], state);
    state.path.pop();
  }
}

function visitObject(object: object, state: Visit): void {
  const entries = Object.entries(object);
  count(entries.length, state);
  for (const [key, value] of entries) {
    checkText(key, state);
    if (key === '__proto__') throw refusal(state.path, "'__proto__' is not allowed as a key");
    state.path.push(key);
    visit(value, state);
    state.path.pop();
  }
}

function count(values: number, state: Visit): void {
  state.values += values;
  if (state.values > maxValues) {
    throw refusal(state.path.slice(0, 1), `the body holds more than ${maxValues} values`);
  }
}

function checkText(text: string, state: Visit): void {
  if (!text.isWellFormed()) throw refusal(state.path, 'it holds half of a surrogate pair, which is not text');
  if (text.includes('\0')) throw refusal(state.path, 'it holds a NUL character');
}

function refusal(path: (string | number)[], why: string): ApiError {
  const param = path.length === 0 ? null : path.join('.');
  return new ApiError('invalid_value', `Invalid ${param === null ? 'body' : `'${param}'`}: ${why}.`, {
    param,
  });
}
