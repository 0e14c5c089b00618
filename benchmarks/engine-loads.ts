import { streamChat, type ChatTiming, type Target } from './chat-stream.ts';
import { noControlTokens, seedOf, type Prompts } from './prompts.ts';
import { gaps, median, quantile } from './statistics.ts';

/** Load on one engine, once. Rounds differ in their text, so that no round finds the cache of another. */
export type EngineLoad<Figures> = (target: Target, prompts: Prompts, round: number) => Promise<Figures>;

export type StreamFigures = Record<
  | 'tokensPerSecond'
  | 'timeToFirstTokenMs'
  | 'timeToFirstTokenMaxMs'
  | 'tokenGapP50Ms'
  | 'tokenGapP99Ms'
  | 'wallMs'
  | 'promptTokens'
  | 'cachedTokens',
  number
>;

/** `width` requests at once, `bursts` times in a row; prompts of 128 tokens, 64 generated. */
export function streams(width: number, bursts: number): EngineLoad<StreamFigures> {
  return async (target, prompts, round) => {
    const timings: ChatTiming[] = [];
    let wallMs = 0;
    for (let burst = 0; burst < bursts; burst += 1) {
      const startMs = performance.now();
      const requests = Array.from({ length: width }, (_, index) =>
        streamChat(target, prompts.unique(seedOf(`streams/${width}/${burst}/${index}`, round), 128, 64)),
      );
      timings.push(...(await Promise.all(requests)));
      wallMs += performance.now() - startMs;
    }
    return streamFigures(timings, wallMs);
  };
}

/** 16 requests at once that share a system prompt of 1,000 tokens which the engine has never seen; 64 generated. */
export const sharedSystemPrompt: EngineLoad<StreamFigures> = async (target, prompts, round) => {
  const startMs = performance.now();
  const timings = await Promise.all(
    Array.from({ length: 16 }, (_, index) =>
      streamChat(
        target,
        prompts.withSystemPrompt(seedOf('shared', round), 1000, seedOf(`question/${index}`, round), 64),
      ),
    ),
  );
  return streamFigures(timings, performance.now() - startMs);
};

export type SecondTurnFigures = Record<'firstTurnMs' | 'secondTurnMs' | 'ratio', number>;

/** Time to first token of a 512-token first turn and of the turn after it, with 64 generated between them. */
export const secondTurn: EngineLoad<SecondTurnFigures> = async (target, prompts, round) => {
  const body = prompts.unique(seedOf('conversation', round), 512, 64);
  const first = await streamChat(target, body);
  const second = await streamChat(target, prompts.nextTurn(body, first.text, seedOf('next turn', round), 24));
  const [firstTurnMs, secondTurnMs] = [timeToFirstToken(first), timeToFirstToken(second)];
  return { firstTurnMs, secondTurnMs, ratio: secondTurnMs / firstTurnMs };
};

export type LongPromptFigures = Record<
  | 'longestPauseMs'
  | 'tokenTimeBeforeMs'
  | 'tokenTimeDuringMs'
  | 'tokenTimeAfterMs'
  | 'pauseInTokenTimes'
  | 'pauseInTokenTimesBefore'
  | 'timeToFirstTokenMs',
  number
>;

/** Tokens of each stream before the long prompt is sent, and after its first token. */
const aloneTokens = 48;

/**
 * A prompt of 4,000 tokens arrives when each of 4 streams has 48 tokens. The longest pause of a stream from then to the long
 * prompt's first token is told in that stream's own token time: its median before the arrival and its median after the long
 * prompt, and between them on the line from one to the other, since a token takes longer the more it looks back on. Also in that
 * before the arrival alone. The slower token time meanwhile is no measure: any engine would look better.
 */
export const longPromptBesideStreams: EngineLoad<LongPromptFigures> = async (target, prompts, round) => {
  const timings: ChatTiming[] = [];
  const controllers = new Set<AbortController>();
  const waits: { tokens: (timing: ChatTiming) => number; reached: () => void }[] = [];
  const allHave = async (tokens: (timing: ChatTiming) => number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waits.push({ tokens, reached: resolve });
    await Promise.race([promise, running]);
  };
  const running = Promise.all(
    Array.from({ length: 4 }, (_, index) =>
      streamChat(
        target,
        {
          ...prompts.unique(seedOf(`running/${index}`, round), 128, 3000),
          logit_bias: noControlTokens,
        },
        (timing, controller) => {
          controllers.add(controller);
          timings[index] = timing;
          const [wait] = waits;
          const all = Object.keys(timings).length === 4;
          if (!wait || !all || timings.some((each) => each.tokenAtMs.length < wait.tokens(each))) return;
          waits.shift();
          wait.reached();
        },
      ),
    ),
  );
  await allHave(() => aloneTokens);
  const long = await streamChat(target, prompts.unique(seedOf('long', round), 4000, 1));
  const endMs = long.tokenAtMs[0] ?? Number.NaN;
  const had = new Map(timings.map((timing) => [timing, timing.tokenAtMs.length]));
  await allHave((timing) => (had.get(timing) ?? 0) + aloneTokens);
  for (const controller of controllers) controller.abort();
  const pauses = (await running).map((timing) => pause(timing, long.sentAtMs, endMs));
  const worst = pauses.toSorted((a, b) => b.pauseInTokenTimes - a.pauseInTokenTimes)[0];
  if (!worst) throw new Error('no stream was running');
  return { ...worst, timeToFirstTokenMs: timeToFirstToken(long) };
};

/** What one stream saw between two moments. */
export function pause(
  timing: ChatTiming,
  fromMs: number,
  toMs: number,
): Omit<LongPromptFigures, 'timeToFirstTokenMs'> {
  if (!timing.aborted) throw new Error('a stream ended before the long prompt was read');
  const before = timing.tokenAtMs.filter((atMs) => atMs <= fromMs);
  const during = timing.tokenAtMs.filter((atMs) => atMs > fromMs && atMs <= toMs);
  const after = timing.tokenAtMs.filter((atMs) => atMs > toMs);
  const [tokenTimeBeforeMs, tokenTimeAfterMs] = [median(gaps(before)), median(gaps(after))];
  // Silence at either edge of the window is part of the pause.
  const edges = [...before.slice(-1), ...during, toMs];
  let longest = { ms: 0, tokenTimes: 0 };
  for (const [index, ms] of gaps(edges).entries()) {
    const endMs = edges[index + 1] ?? toMs;
    if (timing.severalTokensAtMs.has(endMs)) continue;
    const passed = (endMs - fromMs) / (toMs - fromMs);
    const tokenTimes = ms / (tokenTimeBeforeMs + passed * (tokenTimeAfterMs - tokenTimeBeforeMs));
    if (tokenTimes > longest.tokenTimes) longest = { ms, tokenTimes };
  }
  return {
    longestPauseMs: longest.ms,
    tokenTimeBeforeMs,
    tokenTimeDuringMs: median(gaps(during)),
    tokenTimeAfterMs,
    pauseInTokenTimes: longest.tokenTimes,
    pauseInTokenTimesBefore: longest.ms / tokenTimeBeforeMs,
  };
}

function streamFigures(timings: readonly ChatTiming[], wallMs: number): StreamFigures {
  const sum = (read: (timing: ChatTiming) => number): number =>
    timings.reduce((total, timing) => total + read(timing), 0);
  const firstTokens = timings.map(timeToFirstToken);
  const tokenGaps = timings.flatMap((timing) => gaps(timing.tokenAtMs));
  return {
    tokensPerSecond: sum((timing) => timing.promptTokens + timing.completionTokens) / (wallMs / 1000),
    timeToFirstTokenMs: median(firstTokens),
    timeToFirstTokenMaxMs: Math.max(...firstTokens),
    tokenGapP50Ms: median(tokenGaps),
    tokenGapP99Ms: quantile(tokenGaps, 0.99),
    wallMs,
    promptTokens: sum((timing) => timing.promptTokens) / timings.length,
    cachedTokens: sum((timing) => timing.cachedTokens) / timings.length,
  };
}

function timeToFirstToken(timing: ChatTiming): number {
  return (timing.tokenAtMs[0] ?? Number.NaN) - timing.sentAtMs;
}
