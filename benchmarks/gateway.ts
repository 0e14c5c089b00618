import type { Target } from './chat-stream.ts';
import { streams, type StreamFigures } from './engine-loads.ts';
import { processorMs } from './processor-time.ts';
import { weaiEngine } from './engine-peers.ts';
import { startMock, type MockOptions } from './mock-server.ts';
import { installPortkey, startPortkey } from './portkey.ts';
import { modelName, Prompts } from './prompts.ts';
import { requestRate, type MeasuredTarget, type RateFigures } from './request-rate.ts';
import { type Keep, withServers } from './server-process.ts';
import { slowStreams, type SlowStreamFigures } from './slow-streams.ts';
import { medianOfRounds } from './statistics.ts';
import { startWeai } from './weai-server.ts';

/** What stands between the load generator and the mock upstream. */
export type Path = 'direct' | 'weai' | 'portkey';

export type Measured = { path: Path; figures: RateFigures }[];

export interface GatewayResult {
  rates: { stream: boolean; connections: number; paths: Measured }[];
  /** Why Portkey was not measured; null when it was. */
  portkeyMissing: string | null;
  /** Many streams whose tokens come slowly. */
  slow: { path: Path; figures: SlowStreamFigures }[];
  /** Streams on the real engine; null without weights. */
  realEngine: Record<'direct' | 'weai', RealEngineFigures> | null;
}

/** Besides what a client sees, the processor time of a prompt's or an answer's token: who takes the engine's cores from it. */
type RealEngineFigures = StreamFigures &
  Record<'engineMicroseconds' | 'weaiMicroseconds' | 'clientMicroseconds', number>;

export interface GatewayOptions {
  /** Weights for the part with a real engine; null leaves it out. */
  weightsPath: string | null;
  quick: boolean;
  progress: (message: string) => void;
}

const mockModel = 'mock';

/** The part with slow streams: how many, and what each of them gets. */
export const slow = { width: 128, tokens: 200, tokenDelayMs: 20 };

/** Streams in the part with a real engine. */
export const realEngineWidth = 8;

/** Gateways in front of the mock in turn, then our gateway in front of our real engine. */
export async function benchmarkGateway(options: GatewayOptions): Promise<GatewayResult> {
  const portkeyMissing = whyNoPortkey();
  const measured = { portkey: portkeyMissing === null };
  return {
    portkeyMissing,
    rates: await withServers(async (keep) => {
      const { mock, paths } = await startPaths(keep, {}, measured, options);
      return measureRates(paths, mock, options);
    }),
    slow: await withServers(async (keep) => {
      const { tokens, tokenDelayMs } = slow;
      const { paths } = await startPaths(keep, { chunks: tokens, tokenDelayMs }, measured, options);
      return measureSlowStreams(paths, options);
    }),
    realEngine: options.weightsPath ? await measureEngine(options.weightsPath, options) : null,
  };
}

function whyNoPortkey(): string | null {
  try {
    installPortkey();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A mock upstream and each gateway in front of it. */
async function startPaths(
  keep: Keep,
  mockOptions: MockOptions,
  measured: { portkey: boolean },
  { progress }: GatewayOptions,
): Promise<{ mock: MeasuredTarget; paths: [Path, MeasuredTarget][] }> {
  progress(`starting the mock upstream, WeAI${measured.portkey ? ' and Portkey' : ''}`);
  const mock = await keep(startMock(mockOptions));
  const weai = await keep(startWeai([{ model: mockModel, baseUrl: mock.baseUrl, kind: 'openai' }]));
  const paths: [Path, MeasuredTarget][] = [
    ['direct', mock],
    ['weai', weai],
  ];
  if (measured.portkey) paths.push(['portkey', await keep(startPortkey(mock))]);
  return { mock, paths };
}

async function measureSlowStreams(
  paths: readonly (readonly [Path, MeasuredTarget])[],
  { quick, progress }: GatewayOptions,
): Promise<GatewayResult['slow']> {
  const measured = paths.map(([path, target]) => ({ path, target, rounds: new Array<SlowStreamFigures>() }));
  const load = { model: mockModel, width: slow.width, tokens: slow.tokens };
  for (const { target } of measured) await slowStreams(target, load);
  for (let round = 1; round <= (quick ? 1 : 3); round += 1) {
    progress(`${slow.width} slow streams, round ${round}`);
    for (const { target, rounds } of measured) rounds.push(await slowStreams(target, load));
  }
  return measured.map(({ path, rounds }) => ({ path, figures: medianOfRounds(rounds) }));
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
    const direct: RealEngineFigures[] = [];
    const through: RealEngineFigures[] = [];
    const times = () => ({
      engine: processorMs(engine.processId),
      weai: processorMs(weai.processId),
      client: process.cpuUsage(),
    });
    const measured = async (target: Target, round: number): Promise<RealEngineFigures> => {
      const before = times();
      const figures = await load(target, prompts, round);
      const after = times();
      const client = process.cpuUsage(before.client);
      const tokens = (figures.tokensPerSecond * figures.wallMs) / 1000;
      return {
        ...figures,
        engineMicroseconds: ((after.engine - before.engine) * 1000) / tokens,
        weaiMicroseconds: ((after.weai - before.weai) * 1000) / tokens,
        clientMicroseconds: (client.user + client.system) / tokens,
      };
    };
    for (let round = 1; round <= (quick ? 1 : 5); round += 1) {
      progress(`${realEngineWidth} streams on the real engine, round ${round}`);
      // Both reach the same engine, so a round's text may come only once. Who is first changes: the machine may warm up.
      const turns = [
        async () => direct.push(await measured(engine, 2 * round)),
        async () => through.push(await measured(weai, 2 * round + 1)),
      ];
      for (const turn of round % 2 === 0 ? turns.toReversed() : turns) await turn();
    }
    return { direct: medianOfRounds(direct), weai: medianOfRounds(through) };
  });
}
