import { createHash, randomUUID } from 'node:crypto';
import { type ChatRequest, completionTokenLimit } from '@weai/protocol/chat-request';
import { ApiError } from '@weai/protocol/errors';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { CompletionUsage } from 'openai/resources/completions';
import { completionTokensAtMost, type Deployment } from '../engines/deployment.ts';
import { errorFromEvent, isEngineFailure, loopMessage } from '../engines/engine-errors.ts';
import type { EngineResponse } from '../engines/engine-response.ts';
import { engineRequestBody, kinds } from '../engines/kinds.ts';
import type { Upstream } from '../engines/upstream.ts';
import type { Identity } from '../http/authentication.ts';
import type { Metering, Outcome } from '../ledger/metering.ts';
import type { ModelRegistry } from '../models/registry.ts';
import type { Route, Router } from '../routing/router.ts';
import type { EngineCallTrace, RequestTrace } from '../tracing/trace.ts';
import { capableDeployments } from './capabilities.ts';
import { ChunkReader } from './chunk-reader.ts';
import { DispatchNote } from './dispatch-note.ts';
import type { EngineChunk } from './engine-chunk.ts';
import { checkImages } from './images.ts';
import { type Choice, Normalizer } from './normalize.ts';
import { promptSize, refuseHopelessPrompt, refuseHopelessTools } from './prompt-size.ts';

export interface CompletionDependencies {
  models: Pick<ModelRegistry, 'resolve'>;
  router: Router;
  upstream: Upstream;
  /** Milliseconds of a clock that only runs forward. */
  now?: () => number;
}

/** For whom a completion is made. */
export interface Caller {
  identity: Identity;
  requestId: string;
  /** WeAI servers that the request has passed through before this one. */
  hops: number;
  /** Aborts when the client has gone or the request has to end early. */
  signal: AbortSignal;
  metering: Metering;
  trace: RequestTrace;
  /** Told how the answer ended, before its last bytes are sent; `id` is that of its row in the ledger. */
  onSettled: (modelId: string, outcome: Outcome, id: string | null) => void;
  /** Puts a header on the answer, as long as none of it is sent. */
  setHeader: (name: string, value: string) => void;
}

/** Servers in a row, as of a site, a region and a company; a circle would go on until all connections are taken. */
const mostHops = 4;

/** What all chunks of an answer share; `model` is what really answers, which a stand-in makes differ from the request's. */
export type CompletionHead = Omit<ChatCompletionChunk, 'choices' | 'usage'>;

/** Some chunks of an answer, as many as had arrived. */
interface CompletionPart {
  choices: Choice[];
  last: boolean;
  /** The engine's counts, in the last part; null when it sent none. */
  usage: CompletionUsage | null;
}

export interface Completion {
  head: CompletionHead;
  deployment: Deployment;
  standIn: boolean;
  /** The answer in the order of the OpenAI API; throws ApiError when the engine fails in the middle. */
  parts: AsyncGenerator<CompletionPart, void, undefined>;
}

/**
 * Answers a chat request: resolve the model, check what its deployments can, reserve, route, stream from the engine, settle.
 * Resolves when an engine's first event is there: until then another deployment may take over.
 * @throws ApiError when the request is refused or no deployment answers.
 */
export async function complete(
  request: ChatRequest,
  caller: Caller,
  { models, router, upstream, now = monotonicMs }: CompletionDependencies,
): Promise<Completion> {
  const startedMs = now();
  if (caller.hops > mostHops) throw new ApiError('loop_detected', loopMessage);
  const resolved = models.resolve(request.model);
  caller.trace.resolved(request.model, resolved.modelId);
  const deployments = capableDeployments(resolved, request);
  const contextTokens = roomOf(deployments);
  refuseHopelessTools(request, contextTokens);
  const size = promptSize(request);
  refuseHopelessPrompt(size.bytes, contextTokens);
  if (size.images > 0) checkImages(request);
  const reserved = caller.metering.reserve({
    requestId: caller.requestId,
    identity: caller.identity,
    modelRequested: request.model,
    modelId: resolved.modelId,
    promptBytes: size.bytes,
    images: size.images,
    choices: request.n ?? 1,
    completionTokenLimit: completionTokenLimit(request),
    contextTokens,
    setHeader: caller.setHeader,
  });
  const meter = reserved instanceof Promise ? await reserved : reserved;
  const settleMeter = (outcome: Outcome): Promise<void> => {
    caller.onSettled(resolved.modelId, outcome, meter.id);
    return meter.settle(outcome);
  };

  const dispatch = new DispatchNote(meter);
  let route: Route<Opening>;
  try {
    route = await router.route(deployments, request.prompt_cache_key ?? null, (deployment) => {
      const opening = open(upstream, deployment, request, caller);
      dispatch.later(deployment.id);
      return opening;
    });
    dispatch.now();
  } catch (error) {
    dispatch.now();
    await settleMeter({
      ...outcomeOfError(error, caller.signal),
      deploymentId: null,
      failedAttempts: [],
      counts: { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 },
      countsFrom: 'stream',
      finishReason: null,
      queueMs: null,
      timeToFirstTokenMs: null,
      durationMs: now() - startedMs,
    });
    throw error;
  }
  const { deployment, answer } = route;
  let timeToFirstTokenMs: number | null = null;
  const normalizer = new Normalizer({
    choices: request.n ?? 1,
    logprobs: request.logprobs === true,
    completionTokenLimit: completionTokensAtMost(request, deployment),
    contextTokens: deployment.capabilities.contextTokens,
  });
  const settle = (how: Pick<Outcome, 'status' | 'error'>): Promise<void> => {
    const outcome: Outcome = {
      ...how,
      deploymentId: deployment.id,
      failedAttempts: route.failed,
      counts: normalizer.counts,
      countsFrom: normalizer.usage === null ? 'stream' : 'engine',
      finishReason: normalizer.finishReason,
      queueMs: normalizer.queueMs,
      timeToFirstTokenMs,
      durationMs: now() - startedMs,
    };
    answer.trace.settled(outcome);
    return settleMeter(outcome);
  };
  return {
    head: {
      id: `chatcmpl-${randomUUID().replaceAll('-', '')}`,
      object: 'chat.completion.chunk',
      created: Math.floor(Date.now() / 1000),
      model: deployment.modelId,
      service_tier: 'default',
      system_fingerprint: answer.chunks[0]?.system_fingerprint ?? fingerprint(deployment),
    },
    deployment,
    standIn: resolved.standIn,
    parts: parts(route, normalizer, router, caller.signal, {
      progress: () => {
        const { counts } = normalizer;
        if (counts.completionTokens > 0) timeToFirstTokenMs ??= Math.round(now() - startedMs);
        // What has come to its end is settled next.
        if (!answer.response.ended) meter.progress(counts);
      },
      settle,
    }),
  };
}

/** An engine's answer whose first event has come. */
interface Opening {
  response: EngineResponse;
  reader: ChunkReader;
  chunks: EngineChunk[];
  trace: EngineCallTrace;
}

async function open(
  upstream: Upstream,
  deployment: Deployment,
  request: ChatRequest,
  caller: Caller,
): Promise<Opening> {
  const trace = caller.trace.engineCall(deployment, request);
  const response = upstream.chat(deployment, {
    body: engineRequestBody(deployment, request, caller.identity.projectId),
    requestId: caller.requestId,
    hops: caller.hops,
    cacheScope: kinds[deployment.kind].cacheScope === 'header' ? caller.identity.projectId : null,
    traceHeaders: trace.headers,
    signal: caller.signal,
  });
  const reader = new ChunkReader();
  try {
    const chunks = chunksOf(deployment, reader, (await response.next()) ?? []);
    trace.answered();
    return { response, reader, chunks, trace };
  } catch (error) {
    trace.failed(error);
    response.cancel();
    throw error;
  }
}

interface Metered {
  progress: () => void;
  settle: (how: Pick<Outcome, 'status' | 'error'>) => Promise<void>;
}

async function* parts(
  route: Route<Opening>,
  normalizer: Normalizer,
  router: Router,
  signal: AbortSignal,
  { progress, settle }: Metered,
): AsyncGenerator<CompletionPart, void, undefined> {
  const { deployment } = route;
  const { response, reader } = route.answer;
  let outcome: Pick<Outcome, 'status' | 'error'> | null = { status: 'cancelled', error: null };
  try {
    let chunks: EngineChunk[] | null = route.answer.chunks;
    let choices: Choice[] = [];
    while (chunks !== null) {
      for (const chunk of chunks) normalizer.push(chunk, choices);
      progress();
      if (choices.length > 0 && !response.ended) {
        yield { choices, last: false, usage: null };
        choices = [];
      }
      const events = await response.next();
      chunks = events === null ? null : chunksOf(deployment, reader, events);
    }
    choices.push(...normalizer.end());
    outcome = null;
    await settle({ status: 'completed', error: null });
    yield { choices, last: true, usage: normalizer.usage };
  } catch (error) {
    outcome &&= outcomeOfError(error, signal);
    if (isEngineFailure(error)) router.failed(deployment.id);
    throw error;
  } finally {
    response.cancel();
    route.release();
    if (outcome !== null) await settle(outcome);
  }
}

function chunksOf(deployment: Deployment, reader: ChunkReader, events: readonly string[]): EngineChunk[] {
  return events.map((event) => {
    const chunk = reader.read(event);
    if (chunk.error) throw errorFromEvent(deployment, chunk.error);
    return chunk;
  });
}

function outcomeOfError(error: unknown, signal: AbortSignal): Pick<Outcome, 'status' | 'error'> {
  if (signal.aborted) return { status: 'cancelled', error: null };
  return { status: 'failed', error: error instanceof ApiError ? error : null };
}

const fingerprints = new WeakMap<Deployment, string>();

function fingerprint(deployment: Deployment): string {
  let known = fingerprints.get(deployment);
  if (known === undefined) {
    const digest = createHash('sha256').update(`${deployment.id} ${deployment.upstreamModel}`).digest('hex');
    known = `fp_${digest.slice(0, 10)}`;
    fingerprints.set(deployment, known);
  }
  return known;
}

const monotonicMs = (): number => performance.now();

/** The most that any of the deployments holds; null when one doesn't say. */
function roomOf(deployments: readonly Deployment[]): number | null {
  const rooms = deployments.map(({ capabilities }) => capabilities.contextTokens ?? Infinity);
  const most = Math.max(...rooms);
  return Number.isFinite(most) ? most : null;
}
