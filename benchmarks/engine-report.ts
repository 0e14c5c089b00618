import type { EngineResult, Measured } from './engine.ts';
import type { StreamFigures } from './engine-loads.ts';
import { llamaServerInstallHint } from './engine-peers.ts';
import { duration, figure, type Table } from './table.ts';
import type { TargetCheck } from './targets.ts';

const ours = 'weai engine';

/** The tables of one engine run, 100 columns at most. */
export function engineTables(result: EngineResult): Table[] {
  const hints = result.peers.length === 1 ? [llamaServerInstallHint] : [];
  const notes = [
    ...result.peers.map(({ name, version, flags }) => `${name} ${version}: ${flags.join(' ')}`),
    ...hints,
  ];
  return [
    {
      title: `Engine: unique 128-token prompts, 64 generated, ${result.threads} threads`,
      columns: ['', 'streams', 'tokens/s', 'first token', 'worst', 'gap p50', 'gap p99'],
      rows: result.streams.flatMap(({ width, peers }) =>
        peers.map(({ peer, figures }) => [peer, String(width), ...streamCells(figures)]),
      ),
      notes,
    },
    {
      title: 'Engine: 16 requests at once with one cold 1,000-token system prompt, 64 generated',
      columns: ['', 'all done', 'tokens/s', 'first token', 'worst', 'gap p50', 'gap p99'],
      rows: result.sharedSystemPrompt.map(({ peer, figures: row }) => [
        peer,
        duration(row.wallMs),
        ...streamCells(row),
      ]),
    },
    {
      title: 'Engine: time to first token of two turns of a conversation, the first of 512 tokens',
      columns: ['', 'first turn', 'second turn', 'ratio'],
      rows: result.secondTurn.map(({ peer, figures: row }) => [
        peer,
        duration(row.firstTurnMs),
        duration(row.secondTurnMs),
        figure(row.ratio),
      ]),
    },
    {
      title:
        'Engine: a 4,000-token prompt arrives beside 4 running streams: time of their tokens, longest pause',
      columns: ['', 'before', 'during', 'after', 'pause', 'in tokens', 'of before', 'its first token'],
      rows: result.longPromptBesideStreams.map(({ peer, figures: row }) => [
        peer,
        duration(row.tokenTimeBeforeMs),
        duration(row.tokenTimeDuringMs),
        duration(row.tokenTimeAfterMs),
        duration(row.longestPauseMs),
        figure(row.pauseInTokenTimes),
        figure(row.pauseInTokenTimesBefore),
        duration(row.timeToFirstTokenMs),
      ]),
    },
  ];
}

/** Our figures against the best llama-server of the run, figure by figure. */
export function engineChecks(result: EngineResult): TargetCheck[] {
  const widths = result.streams.flatMap(({ width, peers }): TargetCheck[] => [
    {
      name: `${width} streams: tokens/s of llama-server`,
      bound: 'atLeast',
      target: 1,
      measured: throughputRatio(peers),
      unit: '×',
    },
    {
      name: `${width} streams: first token of llama-server`,
      bound: 'atMost',
      target: 1,
      measured: firstTokenRatio(peers, 'timeToFirstTokenMs'),
      unit: '×',
    },
  ]);
  const shared = result.sharedSystemPrompt;
  return [
    ...widths,
    {
      name: 'cold system prompt: tokens/s of llama-server',
      bound: 'atLeast',
      target: 4,
      measured: throughputRatio(shared),
      unit: '×',
    },
    {
      name: 'cold system prompt: first token of llama-server',
      bound: 'atMost',
      target: 0.2,
      measured: firstTokenRatio(shared, 'timeToFirstTokenMs'),
      unit: '×',
    },
    {
      name: 'cold system prompt: last first token of llama-server',
      bound: 'atMost',
      target: 0.2,
      measured: firstTokenRatio(shared, 'timeToFirstTokenMaxMs'),
      unit: '×',
    },
    {
      name: 'second turn: first token of the first turn',
      bound: 'atMost',
      target: 0.3,
      measured: ofOurs(result.secondTurn)?.ratio ?? Number.NaN,
      unit: '×',
    },
    {
      name: 'long prompt: longest pause of a stream, in its token times',
      bound: 'atMost',
      target: 3,
      measured: ofOurs(result.longPromptBesideStreams)?.pauseInTokenTimes ?? Number.NaN,
      unit: '×',
    },
  ];
}

function streamCells(row: StreamFigures): string[] {
  return [
    figure(row.tokensPerSecond),
    duration(row.timeToFirstTokenMs),
    duration(row.timeToFirstTokenMaxMs),
    duration(row.tokenGapP50Ms),
    duration(row.tokenGapP99Ms),
  ];
}

function throughputRatio(measured: Measured<StreamFigures>): number {
  const best = Math.max(...ofPeers(measured).map((figures) => figures.tokensPerSecond));
  return (ofOurs(measured)?.tokensPerSecond ?? Number.NaN) / atLeastOne(best);
}

function firstTokenRatio(
  measured: Measured<StreamFigures>,
  name: 'timeToFirstTokenMs' | 'timeToFirstTokenMaxMs',
): number {
  const best = Math.min(...ofPeers(measured).map((figures) => figures[name]));
  return (ofOurs(measured)?.[name] ?? Number.NaN) / atLeastOne(best);
}

function ofOurs<Figures>(measured: Measured<Figures>): Figures | undefined {
  return measured.find(({ peer }) => peer === ours)?.figures;
}

function ofPeers<Figures>(measured: Measured<Figures>): Figures[] {
  return measured.filter(({ peer }) => peer !== ours).map(({ figures }) => figures);
}

/** The best of no peers is infinite: there is nothing to compare with. */
function atLeastOne(best: number): number {
  return Number.isFinite(best) ? best : Number.NaN;
}
