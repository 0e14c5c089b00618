import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../../log.ts';
import { identityOf } from '../authentication.ts';
import { sendToSelf } from './loopback.ts';
import { Recording } from './recording.ts';
import type { IdempotencyStore, KeyReference } from './store.ts';

const keyPattern = /^[\x20-\x7e]{1,255}$/;
/** A larger answer is not kept: a retry runs anew. */
const mostKeptBytes = 16 * 1024 * 1024;
const pollMs = 200;
const executionHeader = 'x-weai-idempotent-execution';
/** What belongs to a connection or to one request, not to the answer. */
const notKept = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'date',
  'transfer-encoding',
  'x-request-id',
]);
/** Only what was done is kept. What was refused or failed did nothing: the same key may carry it again, or mended. */
const isDone = (status: number): boolean => status < 300;

export interface IdempotencyOptions {
  store: IdempotencyStore;
  log: Logger;
  /** Whose the keys of a request are: its project's when left out. */
  ownerOf?: (request: FastifyRequest) => string;
  /** What is kept of an answer's body: all of it when left out. */
  keptOf?: (body: Buffer) => Buffer;
}

/**
 * Answers POST requests with an `Idempotency-Key` once: equal requests of an owner get the same answer, streams too, while
 * the first runs and for 24 hours after it. The first one runs to its end also when its client leaves.
 */
export function answerOnce(
  app: FastifyInstance,
  {
    store,
    log,
    ownerOf = (request) => identityOf(request).projectId,
    keptOf = (body) => body,
  }: IdempotencyOptions,
): void {
  const secret = randomBytes(24).toString('hex');
  const running = new Map<string, Recording>();

  app.addHook('preHandler', (request, reply, done) => {
    const key = request.headers['idempotency-key'];
    if (request.method !== 'POST' || key === undefined || request.headers[executionHeader] === secret) done();
    // oxlint-disable-next-line promise/no-callback-in-promise -- an async hook would cost every request a promise
    else answer(key, request, reply).catch(done);
  });

  async function answer(key: string | string[], request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (typeof key !== 'string' || !keyPattern.test(key)) {
      throw new ApiError('invalid_value', 'The header Idempotency-Key must have 1 to 255 plain characters.', {
        param: 'Idempotency-Key',
      });
    }
    const reference: KeyReference = { ownerId: ownerOf(request), key };
    const hash = hashOf(request);
    const name = JSON.stringify(reference);
    let recording = running.get(name);
    const first = recording === undefined;
    if (recording === undefined) {
      recording = new Recording(hash);
      running.set(name, recording);
      void record(recording, request, reference);
    }
    if (!recording.hash.equals(hash)) throw differentRequest();
    await replay(recording, reply, first);
  }

  async function record(
    recording: Recording,
    request: FastifyRequest,
    reference: KeyReference,
  ): Promise<void> {
    const lapsed = { lease: '', sinceMs: 0 };
    try {
      for (;;) {
        const found = await store.claim(reference, recording.hash).catch((cause: unknown) => {
          throw new ApiError(
            'ledger_unavailable',
            'Idempotency keys cannot be checked right now. Try again.',
            {
              retryAfterSeconds: 1,
              cause,
            },
          );
        });
        if (found.state === 'different') throw differentRequest();
        if (found.state === 'ours') return await execute(recording, request, reference);
        if (found.state === 'answered') {
          const { body, ...head } = found.answer;
          recording.begin({ ...head, headers: { ...head.headers, 'idempotent-replayed': 'true' } });
          recording.push(body);
          return finish(recording, reference);
        }
        const { lapsedLease } = found;
        if (lapsed.lease !== lapsedLease) {
          lapsed.lease = lapsedLease ?? '';
          lapsed.sinceMs = performance.now();
        } else if (performance.now() - lapsed.sinceMs > store.patienceMs) {
          if (await store.takeOver(reference, lapsedLease))
            return await execute(recording, request, reference);
        }
        await sleep(pollMs);
      }
    } catch (error) {
      finish(recording, reference, error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The readers see the end once the key is kept or freed: who asks again after it must not meet this recording. */
  function finish(recording: Recording, reference: KeyReference, error?: Error): void {
    running.delete(JSON.stringify(reference));
    if (error === undefined) recording.end();
    else recording.fail(error);
  }

  async function execute(
    recording: Recording,
    request: FastifyRequest,
    reference: KeyReference,
  ): Promise<void> {
    const renewal = setInterval(() => void attempt(store.renew(reference), 'renewed'), store.renewalMs);
    let kept = false;
    try {
      const answer = await sendToSelf(app.server, {
        path: request.url,
        headers: { ...headersOf(request), [executionHeader]: secret, 'x-request-id': request.id },
        body: bodyOf(request),
      });
      const head = { status: answer.statusCode ?? 500, headers: keptHeaders(answer) };
      recording.begin(head);
      for await (const chunk of answer as AsyncIterable<Buffer>) recording.push(chunk);
      const { body } = recording;
      if (isDone(head.status) && isWhole(head.headers, body) && body.length <= mostKeptBytes) {
        kept = await attempt(store.keep(reference, { ...head, body: keptOf(body) }), 'kept');
      }
    } finally {
      clearInterval(renewal);
      if (!kept) await attempt(store.release(reference), 'released');
    }
    finish(recording, reference);
  }

  async function attempt(work: Promise<void>, what: string): Promise<boolean> {
    try {
      await work;
      return true;
    } catch (error) {
      log.warn(
        { reason: error instanceof Error ? error.message : '' },
        `an idempotency key could not be ${what}`,
      );
      return false;
    }
  }
}

async function replay(recording: Recording, reply: FastifyReply, first: boolean): Promise<void> {
  const { status, headers } = await recording.head();
  const { raw } = reply;
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value);
  }
  raw.writeHead(status, first ? headers : { ...headers, 'idempotent-replayed': 'true' });
  try {
    await pipeline(recording.chunks(), raw);
  } catch {
    // The client has gone, or the answer broke in the middle: cut, it can't be taken for whole.
    raw.destroy();
  }
}

/** Equal for requests that mean the same: white space between the JSON's parts is not in it. */
function hashOf(request: FastifyRequest): Buffer {
  return createHash('sha256')
    .update(`${request.method} ${request.url}\n${bodyOf(request)}`)
    .digest();
}

/** Empty where there was none. */
function bodyOf({ body }: FastifyRequest): string {
  return body === undefined ? '' : JSON.stringify(body);
}

function headersOf(request: FastifyRequest): Record<string, string> {
  const sent = ['authorization', 'cookie', 'x-weai-csrf', 'openai-project'].flatMap((name) => {
    const value = request.headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return {
    host: request.headers.host ?? 'localhost',
    ...Object.fromEntries(sent),
    'content-type': 'application/json',
    'idempotency-key': String(request.headers['idempotency-key']),
  };
}

function keptHeaders(answer: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(answer.headers).flatMap(([name, value]) =>
      notKept.has(name) || value === undefined ? [] : [[name, String(value)]],
    ),
  );
}

function isWhole(headers: Record<string, string>, body: Buffer): boolean {
  const isStream = headers['content-type']?.startsWith('text/event-stream') ?? false;
  return !isStream || body.toString('utf8').endsWith('data: [DONE]\n\n');
}

function differentRequest(): ApiError {
  return new ApiError(
    'invalid_value',
    'This Idempotency-Key was used for a request with another body: use a new key for a new request.',
    { param: 'Idempotency-Key' },
  );
}
