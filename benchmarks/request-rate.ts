import type { Target } from './chat-stream.ts';
import { ChatConnection } from './chat-connection.ts';
import { processorMs } from './processor-time.ts';
import { quantile } from './statistics.ts';

export type RateFigures = Record<
  | 'requestsPerSecond'
  | 'latencyP50Ms'
  | 'latencyP99Ms'
  /** Processor time for one request, of everything that the target consists of. */
  | 'targetMicroseconds'
  /** The same of the mock upstream behind it, and of the load generator. */
  | 'upstreamMicroseconds'
  | 'clientMicroseconds',
  number
>;

/** A server under load, and what its processes are. */
export interface MeasuredTarget extends Target {
  processId: number;
}

export interface RateLoad {
  model: string;
  stream: boolean;
  connections: number;
  durationMs: number;
}

/**
 * As many chat requests as the target answers, each connection one at a time. A latency ends with the last byte, a
 * stream's with `[DONE]`.
 * @param upstream what answers behind the target; the target itself when nothing stands between.
 * @throws Error if any answer failed or was cut: a gateway that drops work must not look fast.
 */
export async function requestRate(
  target: MeasuredTarget,
  upstream: MeasuredTarget,
  load: RateLoad,
): Promise<RateFigures> {
  const url = new URL(`${target.baseUrl}/chat/completions`);
  const request = requestBytes(url, target.headers, chatBody(load));
  const connections = Array.from({ length: load.connections }, () => new ChatConnection(url, request));
  await Promise.all(connections.map((connection) => connection.open()));
  const latenciesMs: number[] = [];
  const processorBefore = processorTimes(target, upstream);
  const started = performance.now();
  const endMs = started + load.durationMs;
  let lastAt = started;
  const run = async (connection: ChatConnection): Promise<void> => {
    for (let sentMs = performance.now(); sentMs < endMs; sentMs = lastAt) {
      await connection.exchange(load.stream);
      lastAt = performance.now();
      latenciesMs.push(lastAt - sentMs);
    }
  };
  try {
    await Promise.all(connections.map(run));
  } finally {
    for (const connection of connections) connection.close();
  }
  const processorAfter = processorTimes(target, upstream);
  const microseconds = (name: keyof typeof processorBefore): number =>
    ((processorAfter[name] - processorBefore[name]) * 1000) / latenciesMs.length;
  return {
    requestsPerSecond: latenciesMs.length / ((lastAt - started) / 1000),
    latencyP50Ms: quantile(latenciesMs, 0.5),
    latencyP99Ms: quantile(latenciesMs, 0.99),
    targetMicroseconds: microseconds('target'),
    upstreamMicroseconds: target === upstream ? Number.NaN : microseconds('upstream'),
    clientMicroseconds: microseconds('client'),
  };
}

function processorTimes(
  target: MeasuredTarget,
  upstream: MeasuredTarget,
): { target: number; upstream: number; client: number } {
  const own = process.cpuUsage();
  return {
    target: processorMs(target.processId),
    upstream: processorMs(upstream.processId),
    client: (own.user + own.system) / 1000,
  };
}

function chatBody(load: RateLoad): object {
  const messages = [
    { role: 'system', content: 'You are a helpful assistant.' },
    { role: 'user', content: 'Who won the world series in 2020?' },
  ];
  const stream = load.stream ? { stream: true, stream_options: { include_usage: true } } : {};
  return { model: load.model, messages, temperature: 0, max_tokens: 64, ...stream };
}

function requestBytes(url: URL, headers: Readonly<Record<string, string>>, body: object): Buffer {
  const json = JSON.stringify(body);
  const lines = Object.entries({
    host: url.host,
    ...headers,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(json)),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${url.pathname} HTTP/1.1\r\n${lines.join('')}\r\n${json}`);
}
