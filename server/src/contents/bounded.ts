import type { ChatRequest } from '@weai/protocol/chat-request';
import type { UnfinishedCompletion } from '@weai/protocol/chat-collector';

/** Characters that are kept of a request, and of an answer. */
const mostCharacters = 256 * 1024;
/** A data URL longer than this is an image that is left out, not an icon. */
const mostDataUrl = 1024;
const ellipsis = '…';

/** Something as it is kept. */
export interface Kept<Value> {
  value: Value;
  /** Whether something was left out. */
  truncated: boolean;
}

/** Cuts texts to a budget that they share. */
class Cutter {
  #left = mostCharacters;
  truncated = false;

  get empty(): boolean {
    return this.#left <= 0;
  }

  cut(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (Array.isArray(value)) return value.map((item) => this.cut(item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    this.#left -= entries.length;
    return Object.fromEntries(entries.map(([key, item]) => [this.#text(key), this.cut(item)]));
  }

  #text(given: string): string {
    const text = given.startsWith('data:') && given.length > mostDataUrl ? this.#withoutData(given) : given;
    this.#left -= text.length;
    if (this.#left >= 0) return clean(text);
    this.truncated = true;
    const kept = Math.max(0, text.length + this.#left);
    this.#left = Math.min(this.#left, 0);
    return clean(text.slice(0, kept)) + ellipsis;
  }

  #withoutData(url: string): string {
    this.truncated = true;
    return `${url.slice(0, url.indexOf(',', 0) + 1).slice(0, 128)}${ellipsis}`;
  }
}

/** PostgreSQL keeps neither NUL nor half a character. */
function clean(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/**
 * A request as it is kept: its last messages before its first ones, since those matter most, and images left out but for their type.
 * Who asked is in the ledger: `user` and the like are not kept.
 */
export function boundedRequest(request: ChatRequest): Kept<Record<string, unknown>> {
  const {
    messages,
    metadata: _metadata,
    user: _user,
    safety_identifier: _identifier,
    ...parameters
  } = request;
  const cutter = new Cutter();
  const kept: unknown[] = [];
  for (const message of messages.toReversed()) {
    if (cutter.empty) break;
    kept.push(cutter.cut(message));
  }
  const leftOut = messages.length - kept.length;
  return {
    value: {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object is cut to an object
      ...(cutter.cut(parameters) as Record<string, unknown>),
      messages: kept.toReversed(),
      ...(leftOut === 0 ? {} : { messages_left_out: leftOut }),
    },
    truncated: cutter.truncated || leftOut > 0,
  };
}

/** An answer as it is kept: when it is too long, its log-probabilities go first. */
export function boundedAnswer(answer: UnfinishedCompletion): Kept<UnfinishedCompletion> {
  const whole = cutAnswer(answer);
  if (!whole.truncated) return whole;
  const choices = answer.choices.map((choice) => ({ ...choice, logprobs: null }));
  return { ...cutAnswer({ ...answer, choices }), truncated: true };
}

function cutAnswer(answer: UnfinishedCompletion): Kept<UnfinishedCompletion> {
  const cutter = new Cutter();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- texts are cut, the shape stays
  const value = cutter.cut(answer) as UnfinishedCompletion;
  return { value, truncated: cutter.truncated };
}
