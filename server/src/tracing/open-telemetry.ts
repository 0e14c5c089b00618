import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Attributes,
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { ApiError } from '@weai/protocol/errors';
import type { ChatRequest } from '@weai/protocol/chat-request';
import type { Deployment } from '../engines/deployment.ts';
import type { Outcome } from '../ledger/metering.ts';
import type { Logger } from '../log.ts';
import { engineCallAttributes, outcomeAttributes } from './attributes.ts';
import type { EngineCallTrace, RequestSpan, TracedRequest, Tracing } from './trace.ts';

/** How long the end of the server waits for a collector. */
const lastSpansMs = 3000;

const propagator = new W3CTraceContextPropagator();

/**
 * Spans by OpenTelemetry, sent in batches to a collector over OTLP/HTTP. Request headers and other details of the export
 * are read by OpenTelemetry itself, from its own OTEL_ variables. A trace that a client began goes on (W3C Trace Context).
 */
export class OpenTelemetry implements Tracing {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #log: Logger;

  /** @param endpoint of the collector, without the path `/v1/traces`. */
  constructor(endpoint: string, log: Logger) {
    this.#log = log;
    const complain = (reason: string): void => log.warn({ reason }, 'traces are not getting through');
    const ignore = (): void => undefined;
    diag.setLogger(
      { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore },
      { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
    const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
    this.#provider = new TracerProvider({
      resource: namedResource(),
      spanProcessors: [new BatchSpanProcessor({ exporter })],
    });
    this.#tracer = this.#provider.getTracer('weai');
  }

  begin(request: TracedRequest): RequestSpan {
    return new HttpSpan(this.#tracer, request);
  }

  async close(): Promise<void> {
    const sent = this.#provider.shutdown().then(
      () => true,
      () => false,
    );
    const inTime = await Promise.race([sent, sleep(lastSpansMs, false, { ref: false })]);
    if (!inTime) this.#log.warn('the last traces did not reach their collector');
  }
}

/** What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say of this process; without a name there, ours stands. */
function namedResource(): ReturnType<typeof defaultResource> {
  const found = defaultResource();
  const name = found.attributes['service.name'];
  const unnamed = typeof name !== 'string' || name.startsWith('unknown_service');
  return unnamed ? found.merge(resourceFromAttributes({ 'service.name': 'weai' })) : found;
}

/**
 * A request's own span. It has the model's names but no token counts: those are on the call that used them, so that
 * sums over spans count nothing twice.
 */
class HttpSpan implements RequestSpan {
  readonly #tracer: Tracer;
  readonly #span: Span;
  readonly #context: Context;
  #modelId = '';

  constructor(tracer: Tracer, request: TracedRequest) {
    this.#tracer = tracer;
    const parent = propagator.extract(ROOT_CONTEXT, request.headers, defaultTextMapGetter);
    const attributes: Attributes = { 'http.request.method': request.method, 'weai.request.id': request.id };
    if (request.route !== null) attributes['http.route'] = request.route;
    const name = request.route === null ? request.method : `${request.method} ${request.route}`;
    this.#span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
    this.#context = trace.setSpan(parent, this.#span);
  }

  resolved(modelRequested: string, modelId: string): void {
    this.#modelId = modelId;
    this.#span.setAttributes({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': modelRequested,
      'gen_ai.response.model': modelId,
    });
  }

  engineCall(deployment: Deployment, request: ChatRequest): EngineCallTrace {
    const span = this.#tracer.startSpan(
      `chat ${deployment.upstreamModel}`,
      { kind: SpanKind.CLIENT, attributes: engineCallAttributes(deployment, request) },
      this.#context,
    );
    const carrier: Record<string, string> = {};
    propagator.inject(trace.setSpan(this.#context, span), carrier, defaultTextMapSetter);
    return new EngineCallSpan(span, this.#modelId, Object.entries(carrier).flat());
  }

  end(status: number, disconnected: boolean): void {
    this.#span.setAttribute('http.response.status_code', status);
    if (disconnected) this.#span.setAttribute('error.type', 'client_disconnected');
    else if (status >= 500) {
      this.#span.setAttribute('error.type', String(status));
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#span.end();
  }
}

class EngineCallSpan implements EngineCallTrace {
  readonly headers: readonly string[];
  readonly #span: Span;
  readonly #modelId: string;
  readonly #startMs = performance.now();

  constructor(span: Span, modelId: string, headers: readonly string[]) {
    this.#span = span;
    this.#modelId = modelId;
    this.headers = headers;
  }

  answered(): void {
    const seconds = (performance.now() - this.#startMs) / 1000;
    this.#span.setAttribute('gen_ai.response.time_to_first_chunk', seconds);
  }

  failed(error: unknown): void {
    this.#fail(error instanceof ApiError ? error.code : error instanceof Error ? error.name : '_OTHER');
    this.#span.end();
  }

  settled(outcome: Outcome): void {
    this.#span.setAttributes(outcomeAttributes(this.#modelId, outcome));
    if (outcome.status === 'failed') this.#fail(outcome.error?.code ?? 'internal_error');
    this.#span.end();
  }

  /** @param type a code, never a message: those may quote a request. */
  #fail(type: string): void {
    this.#span.setAttribute('error.type', type);
    this.#span.setStatus({ code: SpanStatusCode.ERROR });
  }
}
