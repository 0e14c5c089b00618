import { type Dispatcher, Pool } from 'undici';
import type { Deployment, Endpoint } from './deployment.ts';
import { EngineResponse } from './engine-response.ts';

export interface UpstreamLimits {
  connectTimeoutMs: number;
  /** Until the engine's first byte: queueing and reading a long prompt are inside. */
  firstByteTimeoutMs: number;
  /** Longest silence in the middle of an answer. */
  silenceTimeoutMs: number;
  /** Connections to one engine; further requests wait for a free one. */
  connections: number;
}

const defaultUpstreamLimits: UpstreamLimits = {
  connectTimeoutMs: 3_000,
  firstByteTimeoutMs: 600_000,
  silenceTimeoutMs: 300_000,
  connections: 1024,
};

/** Carries how many WeAI servers a request has passed through: an engine elsewhere may be one, and ask back. */
export const hopsHeader = 'x-weai-hops';

/** What goes to the engine beside the deployment. */
export interface EngineCall {
  body: string;
  requestId: string;
  /** WeAI servers that the request has passed through before this one. */
  hops: number;
  /** Sent to engines that keep prefix caches apart by header; null where it isn't theirs to know. */
  cacheScope: string | null;
  /** Names and values in turn, which carry the caller's trace on. */
  traceHeaders: readonly string[];
  /** Aborting it closes the connection, which cancels the work in the engine. */
  signal: AbortSignal;
}

/** The one client of engines: keeps connections to each endpoint and streams chat completions from them. */
export class Upstream {
  #pools = new Map<string, Pool>();
  #limits: UpstreamLimits;

  constructor(limits: Partial<UpstreamLimits> = {}) {
    this.#limits = { ...defaultUpstreamLimits, ...limits };
  }

  /** Sends a chat request. Whatever goes wrong is thrown by the response's `next`. */
  chat(deployment: Deployment, call: EngineCall): EngineResponse {
    const response = new EngineResponse(deployment, call.signal);
    const { endpoint } = deployment;
    this.#pool(endpoint).dispatch(
      {
        path: 'baseUrl' in endpoint ? `${pathOf(endpoint.baseUrl)}/chat/completions` : '/v1/chat/completions',
        method: 'POST',
        headers: headersOf(deployment, call),
        body: call.body,
      },
      response,
    );
    return response;
  }

  /** Ends all connections; running answers fail. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #pool(endpoint: Endpoint): Dispatcher {
    const key = 'socketPath' in endpoint ? endpoint.socketPath : endpoint.baseUrl;
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = new Pool('socketPath' in endpoint ? 'http://localhost' : new URL(endpoint.baseUrl).origin, {
        connections: this.#limits.connections,
        pipelining: 1,
        allowH2: false,
        headersTimeout: this.#limits.firstByteTimeoutMs,
        bodyTimeout: this.#limits.silenceTimeoutMs,
        connect: {
          timeout: this.#limits.connectTimeoutMs,
          ...('socketPath' in endpoint ? { socketPath: endpoint.socketPath } : {}),
        },
      });
      this.#pools.set(key, pool);
    }
    return pool;
  }
}

function pathOf(baseUrl: string): string {
  return baseUrl.slice(baseUrl.indexOf('/', baseUrl.indexOf('://') + 3));
}

function headersOf(deployment: Deployment, call: EngineCall): string[] {
  const headers = [
    'content-type',
    'application/json',
    'accept',
    'text/event-stream',
    'x-request-id',
    call.requestId,
  ];
  if (deployment.apiKey !== null) headers.push('authorization', `Bearer ${deployment.apiKey}`);
  if ('baseUrl' in deployment.endpoint) headers.push(hopsHeader, String(call.hops + 1));
  if (call.cacheScope !== null) headers.push('x-weai-cache-scope', call.cacheScope);
  headers.push(...call.traceHeaders);
  return headers;
}
