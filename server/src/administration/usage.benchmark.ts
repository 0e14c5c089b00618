/**
 * Measures usage and costs over a ledger of a million rows: pages of every width, group and filter, and what the console asks for.
 * Ends with 1 when the median of a page is over the target.
 *
 * `node server/src/administration/usage.benchmark.ts [--rows 1000000] [--keys 300] [--data directory]`
 *
 * The database is a new one in a temporary directory; with `--data` it is made there once and measured again the next time.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fastify } from 'fastify';
import { median } from '../../../benchmarks/statistics.ts';
import { formatTable } from '../../../benchmarks/table.ts';
import { openDatabase } from '../db/open.ts';
import { answerErrors } from '../errors.ts';
import { RunningRequests } from '../http/running-requests.ts';
import { createLog } from '../log.ts';
import { ensureDefaultProject } from '../projects/projects.ts';
import { administrationRoutes } from './routes.ts';
import { consoleScreens, type Screen, usagePages } from './usage-pages.testing.ts';
import { fillLedger } from './usage-ledger.testing.ts';

const targetMs = 100;
const rounds = 9;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    keys: { type: 'string', default: '300' },
    data: { type: 'string' },
  },
});
const size = { rows: Number(values.rows), keys: Number(values.keys) };
const directory = values.data ?? (await mkdtemp(join(tmpdir(), 'weai-usage-')));
const isFilled = existsSync(join(directory, 'postgres'));
const log = createLog({ logLevel: 'warn' });
const database = await openDatabase({ databaseUrl: null, dataDir: directory }, log);
const { kysely } = database;
const { organizationId } = await ensureDefaultProject(kysely);
const app = fastify();
answerErrors(app, log);
app.decorateRequest('identity', null);
new RunningRequests().mount(app);
await app.register((api, _options, done) => {
  administrationRoutes(api, {
    kysely,
    adminKeys: { find: () => ({ keyId: 'benchmark', organizationId }) },
    keys: { find: () => null },
  });
  done();
});

try {
  if (!isFilled) await fillLedger(kysely, organizationId, size);
  const pages = await measured(usagePages());
  const screens = await measured(consoleScreens());
  const title = `${size.rows} rows of ${size.keys} keys`;
  const columns = ['buckets', 'results', 'median ms', 'most ms'];
  console.log(
    formatTable({ title: `Usage, ${title}`, columns: ['page asked for', ...columns], rows: pages.map(line) }),
  );
  console.log(
    formatTable({
      title: `The console's usage page, ${title}`,
      columns: ['all its requests', ...columns],
      rows: screens.map(line),
    }),
  );
  const slow = [...pages, ...screens].filter(({ medianMs }) => medianMs > targetMs);
  for (const { name, medianMs } of slow)
    console.error(`${name}: ${medianMs.toFixed(0)} ms, and not ${targetMs} ms`);
  if (slow.length > 0) process.exitCode = 1;
} finally {
  await app.close();
  await database.close();
  if (values.data === undefined) await rm(directory, { recursive: true });
}

interface Measured {
  name: string;
  buckets: number;
  results: number;
  medianMs: number;
  mostMs: number;
}

async function measured(screens: readonly Screen[]): Promise<Measured[]> {
  const found: Measured[] = [];
  for (const screen of screens) {
    const times: number[] = [];
    let counts = { buckets: 0, results: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const beganMs = performance.now();
      const answers = (
        await Promise.all(screen.starts.map((url) => answersFrom(url, screen.allPages)))
      ).flat();
      times.push(performance.now() - beganMs);
      counts = {
        buckets: answers.reduce((sum, { data, days }) => sum + (days ?? data).length, 0),
        results: answers
          .flatMap(({ data }) => data.map(({ results, days }) => results?.length ?? 1 + (days?.length ?? 0)))
          .reduce((a, b) => a + b, 0),
      };
    }
    found.push({ name: screen.name, ...counts, medianMs: median(times), mostMs: Math.max(...times) });
  }
  return found;
}

/** Buckets with their results, or a summary with its groups. */
interface Page {
  data: { results?: unknown[]; days?: unknown[] | null }[];
  days?: unknown[] | null;
  next_page: string | null;
}

/** One page, or all that follow as well. The time that reading an answer takes is the client's, and is in a screen's. */
async function answersFrom(url: string, allPages: boolean): Promise<Page[]> {
  const pages: Page[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const headers = { authorization: 'Bearer benchmark' };
    const answer = await app.inject({ url: `/v1/organization${url}${cursor}`, headers });
    if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.body}`);
    const page: Page = JSON.parse(answer.body);
    pages.push(page);
    cursor = allPages && page.next_page !== null ? `&page=${page.next_page}` : null;
  }
  return pages;
}

function line({ name, buckets, results, medianMs, mostMs }: Measured): string[] {
  return [name, String(buckets), String(results), medianMs.toFixed(0), mostMs.toFixed(0)];
}
