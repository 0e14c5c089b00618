import { realEngineWidth, slow, type GatewayResult, type Measured, type Path } from './gateway.ts';
import { mockChunks } from './mock-server.ts';
import { portkeyVersion } from './portkey.ts';
import type { RateFigures } from './request-rate.ts';
import { duration, figure, type Table } from './table.ts';
import type { TargetCheck } from './targets.ts';

const names: Record<Path, string> = {
  direct: 'mock directly',
  weai: 'WeAI, keys checked',
  portkey: `Portkey ${portkeyVersion}`,
};

/** The tables of one gateway run, 100 columns at most. */
export function gatewayTables(result: GatewayResult): Table[] {
  const rates: Table = {
    title: `Gateway: chat requests to a mock upstream whose answers have ${mockChunks} tokens`,
    columns: ['', 'form', 'connections', 'requests/s', 'p50', 'p99', 'p50 added', 'p99 added'],
    rows: result.rates.flatMap(({ stream, connections, paths }) =>
      paths.map(({ path, figures: row }) => [
        names[path],
        stream ? 'stream' : 'plain',
        String(connections),
        figure(row.requestsPerSecond),
        duration(row.latencyP50Ms),
        duration(row.latencyP99Ms),
        path === 'direct' ? '' : duration(row.latencyP50Ms - direct(paths, 'latencyP50Ms')),
        path === 'direct' ? '' : duration(row.latencyP99Ms - direct(paths, 'latencyP99Ms')),
      ]),
    ),
    notes: [
      'Load generator, upstream and gateway share the cores: compare rows, not runs. A stream is a write for each',
      'token. For a plain answer WeAI reads a stream too, so that a request that is cut is metered for what was',
      'generated; Portkey reads one JSON, which costs it and the mock less.',
      ...(result.portkeyMissing === null ? [] : [missingPortkey(result.portkeyMissing)]),
    ],
  };
  const microseconds = (value: number): string => (Number.isFinite(value) ? figure(value) : '');
  const processorTime: Table = {
    title: 'Gateway: processor time of a request in µs',
    columns: ['', 'form', 'connections', 'gateway', 'mock', 'load generator'],
    rows: result.rates.flatMap(({ stream, connections, paths }) =>
      paths.map(({ path, figures: row }) => [
        names[path],
        stream ? 'stream' : 'plain',
        String(connections),
        ...(path === 'direct'
          ? ['', microseconds(row.targetMicroseconds)]
          : [microseconds(row.targetMicroseconds), microseconds(row.upstreamMicroseconds)]),
        microseconds(row.clientMicroseconds),
      ]),
    ),
    notes: ["WeAI's has its PostgreSQL in it, which takes the ledger's rows."],
  };
  const slowStreams: Table = {
    title: `Gateway: ${slow.width} streams, a token each ${slow.tokenDelayMs} ms`,
    columns: ['', 'tokens/s', 'gap p50', 'gap p99', 'longest gap', 'µs a token'],
    rows: result.slow.map(({ path, figures: row }) => [
      names[path],
      figure(row.tokensPerSecond),
      duration(row.tokenGapP50Ms),
      duration(row.tokenGapP99Ms),
      duration(row.longestGapMs),
      figure(row.targetMicroseconds),
    ]),
  };
  if (result.realEngine === null) return [rates, processorTime, slowStreams];
  const engine: Table = {
    title: `Gateway: ${realEngineWidth} streams of the real engine, 128-token prompts, 64 generated`,
    columns: ['', 'tokens/s', 'first token', 'gap p50', 'gap p99', 'engine µs', 'WeAI µs', 'client µs'],
    rows: Object.entries(result.realEngine).map(([path, row]) => [
      path === 'direct' ? 'engine alone' : 'through WeAI',
      figure(row.tokensPerSecond),
      duration(row.timeToFirstTokenMs),
      duration(row.tokenGapP50Ms),
      duration(row.tokenGapP99Ms),
      microseconds(row.engineMicroseconds),
      path === 'direct' ? '' : microseconds(row.weaiMicroseconds),
      microseconds(row.clientMicroseconds),
    ]),
    notes: [
      'µs: processor time of a token, of prompts and answers, on the cores that the engine computes on.',
    ],
  };
  return [rates, processorTime, slowStreams, engine];
}

/** Our gateway against its targets. */
export function gatewayChecks(result: GatewayResult): TargetCheck[] {
  const rates = result.rates.flatMap(({ stream, connections, paths }): TargetCheck[] => {
    const name = `${stream ? 'streamed' : 'plain'}, ${connections} connection${connections === 1 ? '' : 's'}`;
    const [weai, portkey] = [figuresOf(paths, 'weai'), figuresOf(paths, 'portkey')];
    const ratio: TargetCheck = {
      name: `${name}: requests/s of Portkey`,
      bound: 'atLeast',
      target: 5,
      measured: weai && portkey ? weai.requestsPerSecond / portkey.requestsPerSecond : Number.NaN,
      unit: '×',
    };
    if (connections !== 1) return [ratio];
    const addedMs = weai ? weai.latencyP50Ms - direct(paths, 'latencyP50Ms') : Number.NaN;
    return [
      ratio,
      { name: `${name}: added at the median`, bound: 'atMost', target: 0.5, measured: addedMs, unit: ' ms' },
    ];
  });
  const engine = result.realEngine;
  return [
    ...rates,
    {
      name: `${slow.width} slow streams: longest gap between tokens`,
      bound: 'atMost',
      target: 200,
      measured: result.slow.find(({ path }) => path === 'weai')?.figures.longestGapMs ?? Number.NaN,
      unit: ' ms',
    },
    {
      name: 'real engine: tokens/s lost through WeAI',
      bound: 'atMost',
      target: 5,
      measured: engine ? 100 * (1 - engine.weai.tokensPerSecond / engine.direct.tokensPerSecond) : Number.NaN,
      unit: ' %',
    },
  ];
}

function direct(measured: Measured, name: keyof RateFigures): number {
  return figuresOf(measured, 'direct')?.[name] ?? Number.NaN;
}

function figuresOf(measured: Measured, wanted: Path): RateFigures | undefined {
  return measured.find(({ path }) => path === wanted)?.figures;
}

function missingPortkey(reason: string): string {
  return [
    `Portkey ${portkeyVersion}: not installed. It is fetched with npm into .cache/bench; run again with a network.`,
    `  (${reason.split('\n')[0]})`,
  ].join('\n');
}
