import autocannon from 'autocannon';
import type { Target } from './chat-stream.ts';
import { quantile } from './statistics.ts';

export type RateFigures = Record<'requestsPerSecond' | 'latencyP50Ms' | 'latencyP99Ms', number>;

export interface RateLoad {
  model: string;
  stream: boolean;
  connections: number;
  durationMs: number;
}

/**
 * As many chat requests as the target answers, each connection one at a time. A latency ends with the last byte, a
 * stream's with `[DONE]`.
 * @throws Error if any answer failed or was cut: a gateway that drops work must not look fast.
 */
export async function requestRate(target: Target, load: RateLoad): Promise<RateFigures> {
  const latenciesMs: number[] = [];
  const started = performance.now();
  let lastAt = started;
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(
      {
        url: `${target.baseUrl}/chat/completions`,
        method: 'POST',
        connections: load.connections,
        duration: load.durationMs / 1000,
        sampleInt: 100,
        headers: { ...target.headers, 'content-type': 'application/json' },
        body: JSON.stringify(chatBody(load)),
        verifyBody: (body) => isComplete(String(body), load.stream),
      },
      (error: unknown, done) => {
        if (error) reject(error instanceof Error ? error : new Error('the load generator failed'));
        else resolve(done);
      },
    );
    // Its own histogram knows whole milliseconds only.
    instance.on('response', (_client, _status, _bytes, latencyMs) => {
      latenciesMs.push(latencyMs);
      lastAt = performance.now();
    });
  });
  const failed = result.errors + result.non2xx + result.mismatches;
  if (failed > 0 || latenciesMs.length === 0) {
    const detail = `${result.errors} errors, ${result.non2xx} statuses, ${result.mismatches} cut answers`;
    throw new Error(`${target.baseUrl}: ${failed} of ${latenciesMs.length} requests failed (${detail})`);
  }
  return {
    requestsPerSecond: latenciesMs.length / ((lastAt - started) / 1000),
    latencyP50Ms: quantile(latenciesMs, 0.5),
    latencyP99Ms: quantile(latenciesMs, 0.99),
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

function isComplete(body: string, stream: boolean): boolean {
  return stream ? body.trimEnd().endsWith('data: [DONE]') : body.trimEnd().endsWith('}');
}
