import { streamChat } from './chat-stream.ts';
import { processorMs } from './processor-time.ts';
import type { MeasuredTarget } from './request-rate.ts';
import { gaps, quantile } from './statistics.ts';

export type SlowStreamFigures = Record<
  | 'tokensPerSecond'
  | 'tokenGapP50Ms'
  | 'tokenGapP99Ms'
  | 'longestGapMs'
  /** Processor time for one token, of everything that the target consists of. */
  | 'targetMicroseconds',
  number
>;

/**
 * `width` streams at once, as many tokens a second as the upstream gives.
 * @throws Error if a stream failed, or carried other text than the mock's.
 */
export async function slowStreams(
  target: MeasuredTarget,
  { model, width, tokens }: { model: string; width: number; tokens: number },
): Promise<SlowStreamFigures> {
  const startMs = performance.now();
  const processorStartMs = processorMs(target.processId);
  const timings = await Promise.all(
    Array.from({ length: width }, () =>
      streamChat(target, { model, messages: [{ role: 'user', content: 'Hello' }], max_tokens: tokens }),
    ),
  );
  const all = width * tokens;
  const microseconds = (processorMs(target.processId) - processorStartMs) * 1000;
  for (const { text } of timings) {
    if (text !== ' word'.repeat(tokens)) throw new Error(`${target.baseUrl} changed the text of a stream`);
  }
  const tokenGaps = timings.flatMap(({ tokenAtMs }) => gaps(tokenAtMs));
  return {
    tokensPerSecond: (all * 1000) / (performance.now() - startMs),
    tokenGapP50Ms: quantile(tokenGaps, 0.5),
    tokenGapP99Ms: quantile(tokenGaps, 0.99),
    longestGapMs: Math.max(...tokenGaps),
    targetMicroseconds: microseconds / all,
  };
}
