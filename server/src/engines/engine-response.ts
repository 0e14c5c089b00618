import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from '@weai/protocol/errors';
import { SseParser, streamDone } from '@weai/protocol/sse';
import type { Dispatcher } from 'undici';
import type { Deployment } from './deployment.ts';
import { errorFromAnswer, errorFromConnection } from './engine-errors.ts';

/** Characters of events that may wait for the reader before the engine's connection is paused. */
const maxWaitingChars = 256 * 1024;
const maxErrorChars = 64 * 1024;

/**
 * One answer of an engine as it arrives: takes bytes from undici, gives events to `next`. A reader that is slow pauses
 * the connection. Whoever reads holds this object until the end, so that no part of the stream is collected as garbage.
 */
export class EngineResponse implements Dispatcher.DispatchHandler {
  /** Whether `[DONE]` was seen or the engine closed the answer properly: no event will follow those already given. */
  ended = false;
  /** Whether `[DONE]` was seen. */
  done = false;

  #deployment: Deployment;
  #signal: AbortSignal;
  #controller: Dispatcher.DispatchController | null = null;
  #parser = new SseParser();
  #events: string[] = [];
  #waitingChars = 0;
  #error: Error | null = null;
  #wake: (() => void) | null = null;
  #status = 0;
  #retryAfter: string | undefined;
  #errorText = '';
  #closed = false;

  constructor(deployment: Deployment, signal: AbortSignal) {
    this.#deployment = deployment;
    this.#signal = signal;
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort);
  }

  /**
   * The data of the events that arrived since the last call, at least one; null after the last.
   * @throws ApiError when the engine refuses, fails, times out or closes in the middle; the signal's reason when aborted.
   */
  async next(): Promise<string[] | null> {
    while (this.#events.length === 0) {
      if (this.#error !== null) throw this.#error;
      if (this.ended) return null;
      // oxlint-disable-next-line promise/avoid-new -- the other side is a callback
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const events = this.#events;
    this.#events = [];
    this.#waitingChars = 0;
    if (this.#controller?.paused) this.#controller.resume();
    return events;
  }

  /** Closes the connection, unless the answer is complete. */
  cancel(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (!this.ended) this.#fail(new Error('the answer is no longer wanted'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#error !== null) controller.abort(this.#error);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#retryAfter = headers['retry-after'];
    const type = headers['content-type'] ?? '';
    if (status === 200 && !type.startsWith('text/event-stream')) {
      this.#fail(
        new ApiError('engine_error', 'The engine that serves this model failed. Try again.', {
          cause: new Error(`${this.#deployment.id} answered with ${type || 'no content type'}, not a stream`),
        }),
      );
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, bytes: Buffer): void {
    if (this.ended || this.#error !== null) return;
    if (this.#status !== 200) {
      if (this.#errorText.length < maxErrorChars) this.#errorText += bytes.toString('utf8');
      return;
    }
    try {
      for (const event of this.#parser.push(bytes)) {
        if (event === streamDone) {
          this.done = true;
          this.#end();
          return;
        }
        this.#events.push(event);
        this.#waitingChars += event.length;
      }
    } catch (cause) {
      this.#fail(
        new ApiError('engine_error', 'The engine that serves this model failed. Try again.', { cause }),
      );
      return;
    }
    if (this.#waitingChars > maxWaitingChars) controller.pause();
    if (this.#events.length > 0) this.#notify();
  }

  onResponseEnd(): void {
    this.#closed = true;
    if (this.#status === 200) this.#end();
    else this.#fail(errorFromAnswer(this.#deployment, this.#status, this.#errorText, this.#retryAfter));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#closed = true;
    this.#fail(errorFromConnection(error));
  }

  #onAbort = (): void => {
    this.#fail(this.#signal.reason instanceof Error ? this.#signal.reason : new Error('aborted'));
  };

  #end(): void {
    if (this.#error !== null) return;
    this.ended = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#notify();
  }

  #fail(error: Error): void {
    if (this.ended || this.#error !== null) return;
    this.#error = error;
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (!this.#closed) this.#controller?.abort(error);
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
