import {
  longPromptBesideStreams,
  secondTurn,
  sharedSystemPrompt,
  streams,
  type EngineLoad,
  type LongPromptFigures,
  type SecondTurnFigures,
  type StreamFigures,
} from './engine-loads.ts';
import { llamaServers, threads, weaiEngine, type EnginePeer } from './engine-peers.ts';
import { Prompts } from './prompts.ts';
import type { RunningServer } from './server-process.ts';
import { medianOfRounds } from './statistics.ts';

/** Medians of the rounds of one load, for each peer. */
export type Measured<Figures> = { peer: string; figures: Figures }[];

/** All figures of one run. */
export interface EngineResult {
  threads: number;
  peers: { name: string; version: string; flags: readonly string[] }[];
  streams: { width: number; peers: Measured<StreamFigures> }[];
  sharedSystemPrompt: Measured<StreamFigures>;
  secondTurn: Measured<SecondTurnFigures>;
  longPromptBesideStreams: Measured<LongPromptFigures>;
}

export interface EngineOptions {
  weightsPath: string;
  quick: boolean;
  progress: (message: string) => void;
}

interface Contestant {
  peer: EnginePeer;
  server: RunningServer;
  prompts: Prompts;
}

const widths = [1, 4, 8, 16];

/** Our engine and, when it is installed, llama-server: each load on each of them in turn, in rounds. */
export async function benchmarkEngine(options: EngineOptions): Promise<EngineResult> {
  const peers = [weaiEngine(), ...llamaServers()];
  const contestants: Contestant[] = [];
  try {
    for (const peer of peers) {
      options.progress(`starting ${peer.name}`);
      const server = await peer.start(options.weightsPath);
      contestants.push({ peer, server, prompts: await Prompts.calibrate(server) });
    }
    return { threads, peers: peers.map(described), ...(await measure(contestants, options)) };
  } finally {
    await Promise.all(contestants.map(({ server }) => server.stop()));
  }
}

async function measure(
  contestants: readonly Contestant[],
  { quick, progress }: EngineOptions,
): Promise<Omit<EngineResult, 'threads' | 'peers'>> {
  const run = <Figures extends Record<string, number>>(
    name: string,
    load: EngineLoad<Figures>,
    rounds: number,
    taking: readonly Contestant[] = contestants.filter(({ peer }) => !peer.sharedPromptOnly),
  ): Promise<Measured<Figures>> => inTurn(taking, name, load, quick ? 1 : rounds, progress);

  const measured: EngineResult['streams'] = [];
  for (const width of widths) {
    const bursts = Math.max(1, Math.floor(4 / width));
    measured.push({ width, peers: await run(`${width} streams`, streams(width, bursts), 3) });
  }
  return {
    streams: measured,
    secondTurn: await run('second turn', secondTurn, 3),
    longPromptBesideStreams: await run('long prompt beside 4 streams', longPromptBesideStreams, 2),
    // Takes llama-server over a minute, so two rounds must do.
    sharedSystemPrompt: await run('16 requests with one system prompt', sharedSystemPrompt, 2, contestants),
  };
}

/** A B A B: what else the machine does in these minutes then hits all of them alike. */
async function inTurn<Figures extends Record<string, number>>(
  contestants: readonly Contestant[],
  name: string,
  load: EngineLoad<Figures>,
  rounds: number,
  progress: (message: string) => void,
): Promise<Measured<Figures>> {
  const measured = contestants.map((contestant) => ({ ...contestant, rounds: new Array<Figures>() }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { peer, server, prompts, rounds: done } of measured) {
      progress(`${name}, round ${round} of ${rounds}: ${peer.name}`);
      done.push(await load(server, prompts, round));
    }
  }
  return measured.map((done) => ({ peer: done.peer.name, figures: medianOfRounds(done.rounds) }));
}

function described({ name, version, flags }: EnginePeer): EngineResult['peers'][number] {
  return { name, version, flags };
}
