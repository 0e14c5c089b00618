import { createParser } from 'eventsource-parser';
import { consoleHeaders, noteRefusal } from './client.ts';
import { reachingFetch } from './connection.ts';
import { ApiFailure, failureOf } from './failure.ts';
import { hasFewConnections } from './few-connections.ts';
import type { components } from './openapi.ts';
import { streamTicket } from './stream-ticket.ts';

export type ChatRequest = components['schemas']['CreateChatCompletionRequest'];
export type ChatChunk = components['schemas']['ChatCompletionChunk'];

/** What the headers of an answer tell, before its first chunk. */
export interface ChatHead {
  requestId: string | null;
  /** Another model answers for the one asked for. */
  standIn: boolean;
}

export interface ChatStreamOptions {
  /** Ends the request, on the server too. */
  signal: AbortSignal;
  onHead?: (head: ChatHead) => void;
}

/**
 * Asks a model and gives its chunks as they come, the usage in the last one. Throws `ApiFailure` (also for an error inside
 * the stream, or a stream that ends early), `Unreachable`, and an `AbortError` when it was stopped.
 */
export async function* streamChat(
  request: ChatRequest,
  { signal, onHead }: ChatStreamOptions,
): AsyncGenerator<ChatChunk> {
  const response = await send(request, signal);
  const requestId = response.headers.get('x-request-id');
  if (!response.ok || response.body === null) {
    throw noteRefusal(failureOf(await response.json().catch(() => null), response.status, requestId));
  }
  onHead?.({ requestId, standIn: response.headers.get('x-weai-stand-in') === 'true' });

  const events: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => void events.push(data) });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw brokenStream(error, requestId);
      });
      if (done) throw brokenStream(null, requestId);
      parser.feed(value);
      for (const data of events.splice(0)) {
        if (data === '[DONE]') return;
        const event: unknown = JSON.parse(data);
        if (typeof event === 'object' && event !== null && 'error' in event)
          throw noteRefusal(failureOf(event, response.status, requestId));
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the API's events are as described
        yield event as ChatChunk;
      }
    }
  } finally {
    // Leaving early (an error, a `break`) ends the request too.
    reader.cancel().catch(() => undefined);
  }
}

/** Gets what streams are sent with, so that it takes none of the time of an answer. Throws as `streamChat`. */
export async function prepareStream(): Promise<void> {
  if (hasFewConnections()) await streamTicket();
}

async function send(request: ChatRequest, signal: AbortSignal): Promise<Response> {
  const post = (ticket: string | null) =>
    reachingFetch('/v1/chat/completions', {
      method: 'POST',
      headers: {
        ...consoleHeaders(),
        'content-type': 'application/json',
        ...(ticket === null ? {} : { authorization: `Bearer ${ticket}` }),
      },
      credentials: ticket === null ? 'same-origin' : 'omit',
      body: JSON.stringify({ ...request, stream: true, stream_options: { include_usage: true } }),
      signal,
    });
  if (!hasFewConnections()) return post(null);
  const ticket = await streamTicket();
  const response = await post(ticket);
  // The session goes on where only the ticket is out of date, as after the device slept.
  return response.status === 401 ? post(await streamTicket(ticket)) : response;
}

function brokenStream(error: unknown, requestId: string | null): unknown {
  if (error instanceof DOMException && error.name === 'AbortError') return error;
  return new ApiFailure('The connection broke in the middle of the answer.', {
    status: 200,
    code: 'stream_broken',
    requestId,
  });
}
