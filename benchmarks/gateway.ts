import { streams, type StreamFigures } from './engine-loads.ts';
import { weaiEngine } from './engine-peers.ts';
import { startMock } from './mock-server.ts';
import { installPortkey, startPortkey } from './portkey.ts';
import { modelName, Prompts } from './prompts.ts';
import { requestRate, type MeasuredTarget, type RateFigures } from './request-rate.ts';
import type { RunningServer } from './server-process.ts';
import { medianOfRounds } from './statistics.ts';
import { startWeai } from './weai-server.ts';

/** What stands between the load generator and the mock upstream. */
export type Path = 'direct' | 'weai' | 'portkey';

export type Measured = { path: Path; figures: RateFigures }[];

export interface GatewayResult {
  rates: { stream: boolean; connections: number; paths: Measured }[];
  /** Why Portkey was not measured; null when it was. */
  portkeyMissing: string | null;
  /** Streams on the real engine; null without weights. */
  realEngine: Record<'direct' | 'weai', StreamFigures> | null;
}

export interface GatewayOptions {
  /** Weights for the part with a real engine; null leaves it out. */
  weightsPath: string | null;
  quick: boolean;
  progress: (message: string) => void;
}

const mockModel = 'mock';

/** Streams in the part with a real engine. */
export const realEngineWidth = 8;

/** Gateways in front of the mock in turn, then our gateway in front of our real engine. */
export async function benchmarkGateway(options: GatewayOptions): Promise<GatewayResult> {
  const onMock = await withServers(async (keep) => {
    options.progress('starting the mock upstream, WeAI and Portkey');
    const mock = await keep(startMock());
    const weai = await keep(startWeai([{ model: mockModel, baseUrl: mock.baseUrl, kind: 'openai' }]));
    const paths: [Path, MeasuredTarget][] = [
      ['direct', mock],
      ['weai', weai],
    ];
    let portkeyMissing: string | null = null;
    try {
      installPortkey();
      paths.push(['portkey', await keep(startPortkey(mock))]);
    } catch (error) {
      portkeyMissing = error instanceof Error ? error.message : String(error);
    }
    return { rates: await measureRates(paths, mock, options), portkeyMissing };
  });
  return {
    ...onMock,
    realEngine: options.weightsPath ? await measureEngine(options.weightsPath, options) : null,
  };
}

async function measureRates(
  paths: readonly (readonly [Path, MeasuredTarget])[],
  mock: MeasuredTarget,
  { quick, progress }: GatewayOptions,
): Promise<GatewayResult['rates']> {
  const rates: GatewayResult['rates'] = [];
  progress('warming up: a gateway runs for days, its first seconds are those of the compiler');
  for (const [, target] of paths) {
    for (const stream of [false, true]) {
      const load = { model: mockModel, stream, connections: 64, durationMs: quick ? 2500 : 5000 };
      await requestRate(target, mock, load);
    }
  }
  for (const stream of [false, true]) {
    for (const connections of [1, 64]) {
      const load = { model: mockModel, stream, connections };
      const measured = paths.map(([path, target]) => ({ path, target, rounds: new Array<RateFigures>() }));
      for (let round = 1; round <= (quick ? 1 : 3); round += 1) {
        progress(`${stream ? 'streamed' : 'plain'}, ${connections} connections, round ${round}`);
        for (const { target, rounds } of measured) {
          rounds.push(await requestRate(target, mock, { ...load, durationMs: quick ? 2000 : 4000 }));
        }
      }
      const medians = measured.map(({ path, rounds }) => ({ path, figures: medianOfRounds(rounds) }));
      rates.push({ stream, connections, paths: medians });
    }
  }
  return rates;
}

async function measureEngine(
  weightsPath: string,
  { quick, progress }: GatewayOptions,
): Promise<GatewayResult['realEngine']> {
  return withServers(async (keep) => {
    progress('starting the engine and WeAI in front of it');
    const engine = await keep(weaiEngine().start(weightsPath));
    const weai = await keep(startWeai([{ model: modelName, baseUrl: engine.baseUrl, kind: 'embedded' }]));
    const prompts = await Prompts.calibrate(engine);
    const load = streams(realEngineWidth, 2);
    const direct: StreamFigures[] = [];
    const through: StreamFigures[] = [];
    for (let round = 1; round <= (quick ? 1 : 5); round += 1) {
      progress(`${realEngineWidth} streams on the real engine, round ${round}`);
      // Both reach the same engine, so a round's text may come only once.
      direct.push(await load(engine, prompts, 2 * round));
      through.push(await load(weai, prompts, 2 * round + 1));
    }
    return { direct: medianOfRounds(direct), weai: medianOfRounds(through) };
  });
}

/** Runs `work` and stops every server that it has given to `keep`, however it ends. */
async function withServers<Result>(
  work: (keep: (server: Promise<RunningServer>) => Promise<RunningServer>) => Promise<Result>,
): Promise<Result> {
  const started: RunningServer[] = [];
  try {
    return await work(async (server) => {
      const running = await server;
      started.push(running);
      return running;
    });
  } finally {
    for (const server of started.toReversed()) await server.stop();
  }
}
