import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { startMock } from './mock-server.ts';
import { requestRate, type MeasuredTarget, type RateFigures, type RateLoad } from './request-rate.ts';
import { withServers } from './server-process.ts';
import { medianOfRounds } from './statistics.ts';
import { startBareWeai, startWeai } from './weai-server.ts';

/** One form of load, on the metered server as a share of what the bare one answers. */
export interface MeteredRate {
  stream: boolean;
  connections: number;
  /** Medians of all turns. */
  bare: RateFigures;
  metered: RateFigures;
  /** Requests/s, metered over bare: of each round, which is bare, metered, metered, bare. */
  ratios: number[];
}

export interface MeteredResult {
  rates: MeteredRate[];
  /** The longest that the ledger's last row took into the database after the last answer of a turn. */
  longestShippingMs: number;
}

export interface MeteredOptions {
  quick: boolean;
  progress: (message: string) => void;
}

const model = 'mock';
const scrapeIntervalMs = 1000;
/** So high that nothing is refused; each of them is checked and counted all the same. */
const limits = {
  requests_per_minute: 2_000_000_000,
  tokens_per_minute: 2_000_000_000,
  concurrent_requests: 1_000_000,
  usd_per_day: '1000000',
  usd_per_month: '1000000',
  allowed_models: [model],
};

/** A metered server: how its metrics are read. */
interface Metered extends MeasuredTarget {
  metricsUrl: string;
}

/**
 * WeAI with a project's key, limits and budgets on key, project and organization, prices, the ledger, and metrics that are read
 * once a second, beside the same app without any of it.
 */
export async function benchmarkMetered(options: MeteredOptions): Promise<MeteredResult> {
  const rounds: Round[] = [];
  // Each round has processes of its own: two of the same program differ by 15 % for as long as they live, by what was compiled when.
  for (let round = 1; round <= (options.quick ? 2 : 9); round += 1)
    rounds.push(await measureRound(round, options));
  const rates = loads.map(({ stream, connections }, at) => {
    const turns = rounds.flatMap(({ turns: all }) => all.slice(at, at + 1));
    return {
      stream,
      connections,
      bare: medianOfRounds(turns.flatMap(({ bare }) => bare)),
      metered: medianOfRounds(turns.flatMap(({ metered }) => metered)),
      ratios: turns.map(({ bare, metered }) => requestsPerSecond(metered) / requestsPerSecond(bare)),
    };
  });
  return { rates, longestShippingMs: Math.max(...rounds.map(({ longestShippingMs }) => longestShippingMs)) };
}

const loads = [false, true].flatMap((stream) => [1, 64].map((connections) => ({ stream, connections })));

interface Round {
  /** By load: what was measured without metering, with it, with it, and without. */
  turns: Record<'bare' | 'metered', RateFigures[]>[];
  longestShippingMs: number;
}

function requestsPerSecond(turns: readonly RateFigures[]): number {
  return turns.reduce((sum, turn) => sum + turn.requestsPerSecond, 0);
}

async function measureRound(round: number, { quick, progress }: MeteredOptions): Promise<Round> {
  return withServers(async (keep) => {
    progress(`round ${round}: starting the mock upstream, and WeAI with and without metering`);
    const mock = await keep(startMock());
    const upstreams = [{ model, baseUrl: mock.baseUrl, kind: 'openai' }] as const;
    const weai = await keep(startWeai(upstreams, { price: { input: '0.15', output: '0.6' } }));
    const metered: Metered = { ...weai, metricsUrl: new URL('/metrics', weai.baseUrl).href };
    await limitAll(weai.baseUrl, await readFile(join(weai.dataDirectory, 'admin-key'), 'utf8'));
    const bare = await keep(startBareWeai(upstreams));
    let longestShippingMs = 0;
    const turn = async (target: MeasuredTarget, load: RateLoad): Promise<RateFigures> => {
      if (target !== metered) return requestRate(target, mock, load);
      const figures = await scraped(metered, () => requestRate(metered, mock, load));
      // The next turn is the other server's: what this one still has to do must not weigh on it.
      longestShippingMs = Math.max(longestShippingMs, await shipped(metered));
      return figures;
    };

    progress(`round ${round}: warming up`);
    // Each load, the many before the one: a request alone takes ways of its own, as in the journal, which are compiled as late.
    for (const { stream, connections } of loads.toReversed()) {
      const durationMs = (quick ? 1000 : 2000) * (connections === 1 ? 1 : 2);
      for (const target of [bare, metered]) await turn(target, { model, stream, connections, durationMs });
    }
    const turns: Round['turns'] = [];
    for (const { stream, connections } of loads) {
      progress(
        `round ${round}: ${stream ? 'streamed' : 'plain'}, ${connections} connections, with and without metering`,
      );
      const load = { model, stream, connections, durationMs: quick ? 700 : 1400 };
      const before = await turn(bare, load);
      const first = await turn(metered, load);
      const second = await turn(metered, load);
      const after = await turn(bare, load);
      turns.push({ bare: [before, after], metered: [first, second] });
    }
    return { turns, longestShippingMs };
  });
}

/** Limits the organization, its project and the key of the benchmark. */
async function limitAll(baseUrl: string, adminKey: string): Promise<void> {
  const headers = { authorization: `Bearer ${adminKey.trim()}`, 'content-type': 'application/json' };
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const answer = await request(`${baseUrl}/organization/${path}`, {
      headers,
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    if (answer.statusCode !== 200) throw new Error(`${path}: ${await answer.body.text()}`);
    return answer.body.json();
  };
  const listed = async (path: string): Promise<{ id: string; kind?: string }[]> =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own server's list
    ((await ask(path)) as { data: { id: string; kind?: string }[] }).data;
  const subjects = await listed('limits');
  for (const { id } of subjects.filter(({ kind }) => kind === 'project')) {
    const keys = await listed(`projects/${id}/api_keys`);
    subjects.push(...keys.map((key) => ({ id: key.id, kind: 'key' })));
  }
  for (const kind of ['organization', 'project', 'key']) {
    const ids = subjects.filter((subject) => subject.kind === kind).map(({ id }) => id);
    if (ids.length === 0) throw new Error(`there is no ${kind} to limit`);
    for (const id of ids) await ask(`limits/${kind}/${id}`, limits);
  }
  // A change holds within a second.
  await delay(1500);
}

/** Runs `work` while Prometheus, as it were, reads the metrics. */
async function scraped<Result>({ metricsUrl }: Metered, work: () => Promise<Result>): Promise<Result> {
  const reads: Promise<string>[] = [];
  const timer = setInterval(() => reads.push(readMetrics(metricsUrl)), scrapeIntervalMs);
  reads.push(readMetrics(metricsUrl));
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await Promise.all(reads);
  }
}

/** Waits until the database has all of the ledger; tells how long that took. */
async function shipped({ metricsUrl }: Metered): Promise<number> {
  const startedMs = performance.now();
  for (;;) {
    const waiting = /^weai_journal_unshipped_bytes (\S+)$/m.exec(await readMetrics(metricsUrl))?.[1];
    if (waiting === undefined) throw new Error('the metrics do not tell what waits in the journal');
    const elapsedMs = performance.now() - startedMs;
    if (Number(waiting) === 0) return elapsedMs;
    if (elapsedMs > 60_000) throw new Error('the ledger does not reach the database');
    await delay(50);
  }
}

async function readMetrics(url: string): Promise<string> {
  const answer = await request(url);
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`the metrics: ${text}`);
  return text;
}
