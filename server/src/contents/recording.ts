import { ChatCollector } from '@weai/protocol/chat-collector';
import type { ChatRequest } from '@weai/protocol/chat-request';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { boundedAnswer, boundedRequest } from './bounded.ts';
import type { ContentRow } from './store.ts';

/** What one request asks and is answered. */
export class Recording {
  readonly #projectId: string;
  readonly #request: ChatRequest;
  readonly #keep: (row: ContentRow) => void;
  readonly #startedAt = new Date();
  readonly #collector = new ChatCollector();
  #metered: { id: string; model: string; whole: boolean } | null = null;

  constructor(projectId: string, request: ChatRequest, keep: (row: ContentRow) => void) {
    this.#projectId = projectId;
    this.#request = request;
    this.#keep = keep;
  }

  /** Some more of the answer. */
  push(chunk: ChatCompletionChunk): void {
    this.#collector.push(chunk);
  }

  /** @param id of the request's row in the ledger. @param whole whether the answer came to its end. */
  settled(id: string, model: string, whole: boolean): void {
    this.#metered = { id, model, whole };
  }

  /** Nothing more comes. What wasn't metered reached no engine, and isn't kept. The work is done when the answer has been sent. */
  end(): void {
    const metered = this.#metered;
    if (metered !== null) setImmediate(() => this.#keep(this.#row(metered)));
  }

  #row({ id, model, whole }: { id: string; model: string; whole: boolean }): ContentRow {
    const { metadata, store } = this.#request;
    const request = boundedRequest(this.#request);
    const collected = this.#collector.soFar();
    const answer = collected === null ? null : boundedAnswer(collected);
    const row = {
      id,
      project_id: this.#projectId,
      created_at: this.#startedAt.toISOString(),
      model: collected?.model ?? model,
      request: request.value,
      answer: answer?.value ?? null,
      truncated: request.truncated || answer?.truncated === true,
      completion_id: collected?.id ?? null,
      stored: store === true && whole && collected !== null,
      metadata: metadata ?? null,
    };
    return { projectId: this.#projectId, json: JSON.stringify(row) };
  }
}
