import { ChatCollector } from '@weai/protocol/chat-collector';
import type { ChatRequest } from '@weai/protocol/chat-request';
import { parseChatRequest } from '@weai/protocol/parse-chat-request';
import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ContentRecorder } from '../contents/recorder.ts';
import type { Recording } from '../contents/recording.ts';
import { identityOf } from '../http/authentication.ts';
import { hopsHeader, Upstream } from '../engines/upstream.ts';
import { type Metering, type Outcome, unmetered } from '../ledger/metering.ts';
import { processingTimeHeader } from '../http/request-log.ts';
import { cancellationOf } from '../http/running-requests.ts';
import { ClientDisconnected, EventStream, type EventStreamOptions } from '../http/sse.ts';
import { untraced } from '../tracing/trace.ts';
import { ChunkWriter } from './chunks.ts';
import { type Caller, complete, type Completion, type CompletionDependencies } from './complete.ts';

export interface ChatDependencies extends Omit<CompletionDependencies, 'upstream'> {
  /** Its own connections to engines when left out, closed with the app. */
  upstream?: Upstream;
  eventStream?: EventStreamOptions;
  /** Nothing is counted when left out. */
  metering?: Metering;
  /** No content is kept when left out. */
  contents?: Pick<ContentRecorder, 'record'>;
}

/** POST /v1/chat/completions: one completion, as JSON or as a stream. */
export function chatRoutes(app: FastifyInstance, given: ChatDependencies): void {
  const upstream = given.upstream ?? new Upstream();
  const dependencies = { ...given, upstream };
  if (given.upstream === undefined) app.addHook('onClose', () => upstream.close());
  app.post('/v1/chat/completions', async (request, reply) => {
    const startedMs = performance.now();
    const chat = parseChatRequest(request.body);
    const identity = identityOf(request);
    const recording = given.contents?.record(identity, chat) ?? null;
    if (recording === null && chat.store === true) throw storesNothing();
    const caller: Caller = {
      identity,
      requestId: request.id,
      hops: Number(request.headers[hopsHeader]) || 0,
      signal: cancellationOf(request),
      metering: given.metering ?? unmetered,
      trace: request.span ?? untraced,
      onSettled: (modelId, outcome, id) => {
        request.logged = loggedOf(modelId, outcome);
        if (id !== null) recording?.settled(id, modelId, outcome.status === 'completed');
      },
      setHeader: (name, value) => void reply.header(name, value),
    };
    const answer = chat.stream === true ? answerStream : answerJson;
    try {
      return await answer({ chat, caller, request, reply, dependencies, recording, startedMs });
    } finally {
      recording?.end();
    }
  });
}

interface Exchange {
  chat: ChatRequest;
  caller: Caller;
  request: FastifyRequest;
  reply: FastifyReply;
  dependencies: CompletionDependencies & Pick<ChatDependencies, 'eventStream'>;
  /** Null where the project stores no content. */
  recording: Recording | null;
  startedMs: number;
}

async function answerJson({
  chat,
  caller,
  reply,
  dependencies,
  recording,
  startedMs,
}: Exchange): Promise<string | undefined> {
  try {
    const completion = await complete(chat, caller, dependencies);
    const collector = new ChatCollector();
    for await (const { choices, usage } of completion.parts) {
      const chunk = { ...completion.head, choices, usage };
      collector.push(chunk);
      recording?.push(chunk);
    }
    const answer = collector.completion();
    if (chat.metadata) answer.metadata = chat.metadata;
    setHeaders(reply, completion, startedMs);
    reply.type('application/json; charset=utf-8');
    return JSON.stringify(answer);
  } catch (error) {
    if (!(error instanceof ClientDisconnected)) throw error;
    reply.hijack();
    return undefined;
  }
}

async function answerStream(exchange: Exchange): Promise<void> {
  const { chat, caller, request, reply, dependencies, recording, startedMs } = exchange;
  const stream = new EventStream(reply, dependencies.eventStream);
  try {
    const completion = await complete(chat, caller, dependencies);
    if (!stream.started) setHeaders(reply, completion, startedMs);
    const writer = new ChunkWriter(completion.head, chat.stream_options?.include_usage === true);
    for await (const { choices, last, usage } of completion.parts) {
      recording?.push({ ...completion.head, choices, usage });
      const events = writer.choices(choices);
      if (last) stream.end(events + writer.end(usage));
      else await stream.write(events);
    }
  } catch (error) {
    stream.abandon();
    if (error instanceof ClientDisconnected) {
      if (!stream.started) reply.hijack();
      return;
    }
    if (!stream.started) throw error;
    const shown =
      error instanceof ApiError ? error : new ApiError('internal_error', 'Something went wrong. Try again.');
    const level = shown.status < 500 ? 'info' : 'error';
    request.log[level]({ err: error, requestId: request.id }, 'a stream failed after its start');
    stream.fail(shown);
  }
}

function storesNothing(): ApiError {
  return new ApiError(
    'unsupported_value',
    "Unsupported value: 'store' can only be true in a project that stores content. Turn its store_content on, or leave this out.",
    { param: 'store' },
  );
}

/** What the log's line says of an answer. */
function loggedOf(model: string, outcome: Outcome): NonNullable<FastifyRequest['logged']> {
  return {
    model,
    deployment: outcome.deploymentId,
    outcome: outcome.status,
    promptTokens: outcome.counts.promptTokens,
    cachedTokens: outcome.counts.cachedTokens,
    completionTokens: outcome.counts.completionTokens,
    queueMs: outcome.queueMs,
    timeToFirstTokenMs: outcome.timeToFirstTokenMs,
  };
}

function setHeaders(reply: FastifyReply, completion: Completion, startedMs: number): void {
  reply.header(processingTimeHeader, Math.round(performance.now() - startedMs));
  reply.header('x-weai-deployment', completion.deployment.id);
  if (completion.standIn) reply.header('x-weai-stand-in', 'true');
}
