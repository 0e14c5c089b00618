import { formatEvent, streamDone } from '@weai/protocol/sse';
import type { CompletionUsage } from 'openai/resources/completions';
import type { CompletionHead } from './complete.ts';
import type { Choice } from './normalize.ts';

/**
 * Writes `chat.completion.chunk` events. What all chunks of an answer share is made into text once;
 * plain text, which is nearly every chunk, is put between without building an object.
 */
export class ChunkWriter {
  readonly #start: string;
  readonly #end: string;
  readonly #includeUsage: boolean;

  constructor(head: CompletionHead, includeUsage: boolean) {
    this.#start = `data: ${JSON.stringify(head).slice(0, -1)},"choices":[`;
    this.#end = includeUsage ? '],"usage":null}\n\n' : ']}\n\n';
    this.#includeUsage = includeUsage;
  }

  /** Events of the choices, one each. */
  choices(choices: readonly Choice[]): string {
    let events = '';
    for (const choice of choices) events += this.#start + choiceJson(choice) + this.#end;
    return events;
  }

  /** The usage event, when the request asked for it, and the end of the stream. */
  end(usage: CompletionUsage | null): string {
    const counted = this.#includeUsage && usage !== null;
    return (counted ? `${this.#start}],"usage":${JSON.stringify(usage)}}\n\n` : '') + formatEvent(streamDone);
  }
}

function choiceJson(choice: Choice): string {
  const { delta, logprobs } = choice;
  if (typeof delta.content === 'string' && delta.role === undefined && logprobs === null) {
    return `{"index":${choice.index},"delta":{"content":${JSON.stringify(delta.content)}},"logprobs":null,"finish_reason":null}`;
  }
  return JSON.stringify(choice);
}
