import type { StoredAnswer } from './store.ts';

/** The head of an answer. */
export type AnswerHead = Pick<StoredAnswer, 'status' | 'headers'>;

/** An answer that is written once and read by many, from its beginning, while it is still being written. */
export class Recording {
  readonly hash: Buffer;
  #head: AnswerHead | null = null;
  #chunks: Buffer[] = [];
  #over = false;
  #error: Error | null = null;
  #changed = Promise.withResolvers<void>();

  constructor(hash: Buffer) {
    this.hash = hash;
  }

  begin(head: AnswerHead): void {
    this.#head = head;
    this.#tell();
  }

  push(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#tell();
  }

  end(): void {
    this.#over = true;
    this.#tell();
  }

  /** Readers get the error where they are. */
  fail(error: Error): void {
    this.#error = error;
    this.#tell();
  }

  get body(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Resolves once the head is known. Throws what the recording failed with. */
  async head(): Promise<AnswerHead> {
    for (;;) {
      if (this.#head !== null) return this.#head;
      if (this.#error !== null) throw this.#error;
      await this.#changed.promise;
    }
  }

  /** The body from its beginning. Throws what the recording failed with. */
  async *chunks(): AsyncGenerator<Buffer> {
    for (let index = 0; ;) {
      const chunk = this.#chunks[index];
      if (chunk !== undefined) {
        index += 1;
        yield chunk;
      } else if (this.#error !== null) throw this.#error;
      else if (this.#over) return;
      else await this.#changed.promise;
    }
  }

  #tell(): void {
    const changed = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    changed.resolve();
  }
}
