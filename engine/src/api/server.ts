import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { ChatCollector } from '@weai/protocol/chat-collector';
import { parseChatRequest } from '@weai/protocol/parse-chat-request';
import { ApiError } from '@weai/protocol/errors';
import { formatEvent, keepAliveComment, streamDone } from '@weai/protocol/sse';
import type { Chat } from './chat.ts';

interface ServerOptions {
  chat: Chat;
  modelObject: object;
  health(): object;
  log(level: 'info' | 'error', message: string, fields: object): void;
}

const maxBodyBytes = 64 * 1024 * 1024;
/** A reader that leaves this much unread is cut off: it would otherwise fill the memory. */
const maxUnreadBytes = 32 * 1024 * 1024;
const silenceMs = 5000;

/** The engine's HTTP API: three routes of OpenAI's, on a Unix socket or a TCP port. */
export function createEngineServer(options: ServerOptions): Server {
  const server = createServer((request, response) => {
    handle(options, request, response).catch((error: unknown) => {
      fail(options, response, error, header(request, 'x-request-id'));
    });
  });
  server.requestTimeout = 60_000;
  return server;
}

async function handle(
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0];
  const route = `${request.method} ${path}`;
  if (route === 'GET /health') return sendJson(response, 200, options.health());
  if (route === 'GET /v1/models')
    return sendJson(response, 200, { object: 'list', data: [options.modelObject] });
  if (route === 'POST /v1/chat/completions') return complete(options, request, response);
  throw new ApiError('unknown_url', `Unknown request URL: ${request.method} ${path}.`);
}

async function complete(
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chatRequest = parseChatRequest(await readJson(request));
  const requestId = header(request, 'x-request-id');
  const stream = chatRequest.stream
    ? new EventStream(response, chatRequest.stream_options?.include_usage ?? false)
    : null;
  const collector = new ChatCollector();
  const cancel = await options.chat.complete(chatRequest, header(request, 'x-weai-cache-scope') ?? '', {
    onChunk: (chunk) => (stream ? stream.send(chunk) : collector.push(chunk)),
    onEnd: () => (stream ? stream.end() : sendJson(response, 200, collector.completion())),
    onError: (error) => fail(options, response, error, requestId),
  });
  if (response.destroyed) cancel();
  response.on('close', () => {
    stream?.stop();
    cancel();
  });
}

/** Writes an answer's chunks as events. Chunks made in one turn of the event loop go out in one write. */
class EventStream {
  readonly #response: ServerResponse;
  readonly #includeUsage: boolean;
  readonly #silence: NodeJS.Timeout;
  #pending = '';

  constructor(response: ServerResponse, includeUsage: boolean) {
    this.#response = response;
    this.#includeUsage = includeUsage;
    this.#silence = setInterval(() => response.headersSent && response.write(keepAliveComment), silenceMs);
  }

  send(chunk: ChatCompletionChunk): void {
    if (chunk.choices.length === 0 && !this.#includeUsage) return;
    this.#write(
      formatEvent(JSON.stringify(this.#includeUsage && !chunk.usage ? { ...chunk, usage: null } : chunk)),
    );
    this.#silence.refresh();
  }

  end(): void {
    this.#write(formatEvent(streamDone));
    this.#flush();
    this.stop();
    this.#response.end();
  }

  stop(): void {
    clearInterval(this.#silence);
  }

  #write(text: string): void {
    if (this.#pending === '') queueMicrotask(() => this.#flush());
    this.#pending += text;
  }

  #flush(): void {
    const text = this.#pending;
    this.#pending = '';
    if (text === '' || this.#response.destroyed) return;
    if (!this.#response.headersSent) {
      this.#response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache',
      });
    }
    this.#response.write(text);
    if (this.#response.writableLength > maxUnreadBytes) this.#response.destroy();
  }
}

function fail(
  options: ServerOptions,
  response: ServerResponse,
  error: unknown,
  requestId: string | undefined,
): void {
  const known =
    error instanceof ApiError
      ? error
      : new ApiError('internal_error', 'The engine met an unexpected error.', { cause: error });
  if (known.status >= 500) {
    options.log('error', known.message, {
      request_id: requestId,
      code: known.code,
      cause: known.cause instanceof Error ? known.cause.message : JSON.stringify(known.cause),
    });
  }
  if (response.headersSent) {
    response.end(formatEvent(JSON.stringify(known.body())));
    return;
  }
  if (known.retryAfterSeconds !== undefined) response.setHeader('retry-after', known.retryAfterSeconds);
  sendJson(response, known.status, known.body());
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes)
      throw new ApiError('request_too_large', `The body is larger than ${maxBodyBytes} bytes.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (cause) {
    throw new ApiError('invalid_json', 'The body is not valid JSON.', { cause });
  }
}
