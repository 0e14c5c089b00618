import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { ApiError } from '@weai/protocol/errors';
import { formatEvent, keepAliveComment } from '@weai/protocol/sse';
import type { FastifyReply } from 'fastify';
import { processingTimeHeader } from './request-log.ts';

/** Thrown where work goes on for a client that has gone. */
export class ClientDisconnected extends Error {
  override name = 'ClientDisconnected';
}

export interface EventStreamOptions {
  /** A comment is sent after this much silence, so that proxies keep the connection. */
  keepAliveMs?: number;
  /** A reader that takes nothing for this long is given up. */
  stalledReaderMs?: number;
}

/**
 * The one writer of server-sent events. The head is sent with the first event, so that what fails before can still be
 * answered with a status; after a long silence it is sent with a comment. Waits for slow readers, so that no more than
 * one write is ever buffered.
 */
export class EventStream {
  #reply: FastifyReply;
  #response: ServerResponse;
  #timer: NodeJS.Timeout;
  #stalledReaderMs: number;
  #started = false;

  constructor(reply: FastifyReply, options: EventStreamOptions = {}) {
    this.#reply = reply;
    this.#response = reply.raw;
    this.#stalledReaderMs = options.stalledReaderMs ?? 120_000;
    this.#timer = setInterval(() => this.#keepAlive(), options.keepAliveMs ?? 10_000);
    this.#response.once('close', () => clearInterval(this.#timer));
  }

  /** Whether the head is sent: from then on errors are events. */
  get started(): boolean {
    return this.#started;
  }

  /**
   * Writes text of whole events; resolves when the reader has room for more.
   * @throws ClientDisconnected when the client has gone or takes nothing.
   */
  async write(events: string): Promise<void> {
    const response = this.#response;
    if (response.destroyed) throw new ClientDisconnected('the client closed the connection');
    this.#start();
    this.#timer.refresh();
    if (!response.write(events)) await this.#drained();
  }

  /** Writes the last events and ends the stream. */
  end(events: string): void {
    clearInterval(this.#timer);
    this.#start();
    this.#response.end(events);
  }

  /** Ends with an error event and without `[DONE]`, so that no client takes the answer for complete. */
  fail(error: ApiError): void {
    this.end(formatEvent(JSON.stringify(error.body())));
  }

  /** Stops keeping alive, where the answer turns out not to be a stream. */
  abandon(): void {
    clearInterval(this.#timer);
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#reply.hijack();
    const headers: OutgoingHttpHeaders = {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      // Fastify's hooks do not see an answer that is written past it.
      [processingTimeHeader]: Math.round(this.#reply.elapsedTime),
    };
    for (const [name, value] of Object.entries(this.#reply.getHeaders())) {
      if (value !== undefined) headers[name] = value;
    }
    this.#response.writeHead(200, headers);
  }

  #keepAlive(): void {
    if (this.#response.destroyed || this.#response.writableNeedDrain) return;
    this.#start();
    this.#response.write(keepAliveComment);
  }

  async #drained(): Promise<void> {
    const response = this.#response;
    // oxlint-disable-next-line promise/avoid-new -- the other side is an event emitter
    await new Promise<void>((resolve, reject) => {
      const drained = (): void => {
        clearTimeout(timer);
        response.off('close', gone);
        resolve();
      };
      const gone = (): void => {
        clearTimeout(timer);
        response.off('drain', drained);
        reject(new ClientDisconnected('the client closed the connection'));
      };
      const timer = setTimeout(() => response.destroy(), this.#stalledReaderMs);
      response.once('drain', drained);
      response.once('close', gone);
    });
  }
}
