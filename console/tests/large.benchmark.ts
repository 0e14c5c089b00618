/**
 * Measures the console where there is much: a million requests and ten thousand conversations, in a real browser against a real server.
 * The console has to be built. A time is from the press of a key or button (a page's from its address) until what was asked for is painted.
 *
 * `node console/tests/large.benchmark.ts [--requests 1000000] [--conversations 10000] [--only usage] [--data directory]`
 *
 * The server's data are new ones; with `--data` they are made there once and measured again the next time.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { sql } from 'kysely';
import { formatTable } from '../../benchmarks/table.ts';
import { makeDataDirectory, removeDataDirectory, startServer } from '../../conformance/platform/server.ts';
import { openDatabase, type Database } from '../../server/src/db/open.ts';
import { addToSums, groupedRows, sumTables } from '../../server/src/ledger/sums.ts';
import { ensurePartition, monthOf } from '../../server/src/ledger/table.ts';
import { createLog } from '../../server/src/log.ts';
import { makeOwner, ownerLinkIn } from './platform/owner.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    conversations: { type: 'string', default: '10000' },
    only: { type: 'string', default: '' },
    data: { type: 'string' },
  },
});
const requests = Number(values.requests);
const conversations = Number(values.conversations);
const projects = 20;
const keysOfProject = 10;
const daySeconds = 86_400;
const rounds = 7;

const dataDirectory = values.data ?? makeDataDirectory();
const cookieFile = join(dataDirectory, 'owner-cookie');
const server = await startServer(dataDirectory);
try {
  const { origin: url } = new URL(server.baseUrl);
  if (!existsSync(cookieFile)) {
    const cookie = await makeOwner(url, ownerLinkIn(server.output()));
    const log = createLog({ logLevel: 'silent' });
    const database = await openDatabase({ databaseUrl: null, dataDir: dataDirectory }, log);
    try {
      await fill(database);
    } finally {
      await database.close();
    }
    writeFileSync(cookieFile, cookie, { mode: 0o600 });
  }
  await measure(url, readFileSync(cookieFile, 'utf8'));
} finally {
  await server.stop();
  if (values.data === undefined) removeDataDirectory(dataDirectory);
}

/** A year of requests, by 200 keys of 20 projects and with 8 models; and conversations of the owner. */
async function fill({ kysely }: Database): Promise<void> {
  const { id: organization } = await kysely
    .selectFrom('organizations')
    .select('id')
    .executeTakeFirstOrThrow();
  const { id: project } = await kysely.selectFrom('projects').select('id').executeTakeFirstOrThrow();
  const { id: owner } = await kysely.selectFrom('users').select('id').executeTakeFirstOrThrow();
  const endSeconds = Math.floor(Date.now() / 1000);
  const startSeconds = endSeconds - 365 * daySeconds;
  for (let seconds = startSeconds; seconds < endSeconds + 31 * daySeconds; seconds += 28 * daySeconds)
    await ensurePartition(kysely, monthOf(new Date(seconds * 1000).toISOString()));
  await sql`insert into projects (id, organization_id, name)
    select 'proj-' || n, ${organization}, 'project ' || n from generate_series(0, ${projects - 1}::int) as n`.execute(
    kysely,
  );
  await sql`insert into api_keys (id, project_id, name, hash, prefix)
    select 'key-' || n, 'proj-' || n % ${projects}::int, 'key ' || n, sha256(n::text::bytea), 'sk-weai-' || n
    from generate_series(0, ${projects * keysOfProject - 1}::int) as n`.execute(kysely);
  await sql`
    insert into ledger
    select 'request-' || n, at, at + interval '1 second', 'req-' || n, ${organization}, 'proj-' || key % ${projects}::int, 'key-' || key,
      'asked', case when n % 20000 = 0 then 'rare' else 'model-' || n % 6 end, 'embedded/served', '[]',
      case when n % 500 = 3 then 'failed' when n % 50 = 4 then 'cancelled' else 'completed' end, 'stop', null,
      100, 10, 50, 0, 'engine', 1, 1, 1, 1000, 1, 10, 0.5, 1, 20,
      case when n % 10000 = 5 then 120000 else 200 + (3000 * power(random(), 4))::int end
    from (
      select n, floor(${projects * keysOfProject}::int * power(random(), 2))::int as key,
        to_timestamp(${startSeconds} + ${365 * daySeconds}::float8 * n / ${requests}) as at
      from generate_series(0, ${requests}::int - 1) as n
    ) as made`.execute(kysely);
  const sums = sumTables.map(
    (table) => sql`${sql.ref(`new_${table.name}`)} as (${addToSums(table, sql.table('groups'))})`,
  );
  await sql`
    with made as (select * from ledger where id like 'request-%'), groups as (${groupedRows(sql.table('made'))}), ${sql.join(sums)}
    insert into deployment_days
    select (started_at at time zone 'UTC')::date, deployment_id, 86400, 24000000000, sum(engine_seconds), sum(machine_cost)
    from made group by 1, 2 order by 1, 2`.execute(kysely);
  await sql`
    insert into playground_documents
      (id, kind, project_id, creator_id, visibility, title, summary, content, search, created_at, updated_at)
    select 'conversation-' || n, 'conversation', ${project}, ${owner}, 'private', 'Conversation ' || n,
      '{"models": ["smollm2-135m"], "message_count": 8}', '{"settings": {}, "messages": [], "active_message_id": null}',
      array_to_tsvector(array['conversation:' || ${project}, 'conversation', n::text]
        || array(select 'word' || floor(3000 * power(random(), 2 + n % 2))::int from generate_series(1, 60))
        || case when n % 1000 = 7 then array['rare'] else array[]::text[] end),
      at, at
    from generate_series(1, ${conversations}::int) as n, lateral (select now() - interval '1 minute' * n as at) as made`.execute(
    kysely,
  );
  await sql`vacuum analyze`.execute(kysely);
}

interface Measure {
  what: string;
  /** What is done before, out of the measure. */
  before?: (page: Page) => Promise<unknown>;
  act: (page: Page) => Promise<unknown>;
  /** An expression in the page that is true once it is there. */
  shown: string;
}

async function measure(url: string, cookie: string): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env['WEAI_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 } });
  const [name = '', ...value] = cookie.split('=');
  await context.addCookies([{ name, value: value.join('='), url }]);
  const page = await context.newPage();
  const rows = (count: number) => `document.querySelectorAll('main tbody tr').length >= ${count}`;
  const settled = `document.querySelector('main [aria-busy="true"]') === null`;
  const goto = (path: string) => (page: Page) => page.goto(path);
  const logs = async (page: Page) => {
    await page.goto('/logs');
    await page.locator('main tbody tr').first().waitFor();
    await page.waitForLoadState('networkidle');
    await page.evaluate(`window.first = document.querySelector('main tbody tr a').href`);
  };
  const changed = `document.querySelector('main tbody tr a')?.href !== window.first && ${settled}`;
  const choose = async (page: Page, filter: RegExp, option: string) => {
    await page.getByRole('button', { name: filter }).click();
    await page.getByRole('checkbox', { name: option, exact: true }).waitFor();
  };
  const history = async (page: Page) => {
    await page.goto('/playground');
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await page.waitForLoadState('networkidle');
  };
  const openHistory = async (page: Page) => {
    await history(page);
    await page.getByRole('button', { name: 'Conversations' }).click();
    await page
      .getByRole('link', { name: /^Conversation 1\b/ })
      .first()
      .waitFor();
  };
  const listed = (text: string) =>
    `[...document.querySelectorAll('[role=dialog] li a')].some((each) => /${text}/.test(each.textContent))`;
  const measures: Measure[] = [
    { what: 'logs, by address: rows', act: goto('/logs'), shown: rows(50) },
    {
      what: 'logs, from Keys: rows',
      before: async (page) => {
        await page.goto('/keys');
        await page.waitForLoadState('networkidle');
      },
      act: (page) => page.getByRole('link', { name: 'Logs' }).first().click(),
      shown: rows(50),
    },
    {
      what: 'logs: older',
      before: logs,
      act: (page) => page.getByRole('button', { name: 'Older' }).click(),
      shown: changed,
    },
    {
      what: 'logs: newer again',
      before: async (page) => {
        await logs(page);
        await page.getByRole('button', { name: 'Older' }).click();
        await until(page, changed);
        await page.evaluate(`window.first = document.querySelector('main tbody tr a').href`);
      },
      act: (page) => page.getByRole('button', { name: 'Newer' }).click(),
      shown: changed,
    },
    ...(
      [
        ['Failed', /^Status:/],
        ['Cancelled', /^Status:/],
        ['project 19', /^Project:/],
        ['key 150', /^Key:/],
      ] as const
    ).map(([option, filter]) => ({
      what: `logs: filter ${option}`,
      before: async (page: Page) => {
        await logs(page);
        await choose(page, filter, option);
      },
      act: (page: Page) => page.getByRole('checkbox', { name: option, exact: true }).click(),
      shown: changed,
    })),
    {
      what: 'logs: 30 s or longer',
      before: async (page) => {
        await logs(page);
        await page.getByRole('combobox', { name: 'Duration' }).click();
      },
      act: (page) => page.getByRole('option', { name: '30 s or longer' }).click(),
      shown: changed,
    },
    {
      what: 'logs: open a request',
      before: logs,
      act: (page) => page.locator('main tbody tr a').nth(3).click(),
      shown: `document.querySelector('[role=dialog] dl') !== null`,
    },
    {
      what: 'usage, by address: figures',
      act: goto('/usage'),
      shown: rows(1),
    },
    {
      what: 'usage: by key',
      before: async (page) => {
        await page.goto('/usage');
        await page.locator('main tbody tr').first().waitFor();
        await page.waitForLoadState('networkidle');
      },
      act: (page) => page.getByRole('button', { name: 'By key' }).click(),
      shown: `${rows(50)} && ${settled}`,
    },
    {
      what: 'usage: by project',
      before: async (page) => {
        await page.goto('/usage');
        await page.locator('main tbody tr').first().waitFor();
        await page.waitForLoadState('networkidle');
      },
      act: (page) => page.getByRole('button', { name: 'By project' }).click(),
      shown: `${rows(projects)} && ${settled}`,
    },
    {
      what: 'usage by key: tokens instead of price',
      before: async (page) => {
        await page.goto('/usage?by=key');
        await page.locator('main tbody tr').nth(40).waitFor();
        await page.waitForLoadState('networkidle');
      },
      act: (page) => page.getByRole('button', { name: /^Tokens/ }).click(),
      shown: `[...document.querySelectorAll('button[aria-pressed=true]')].some((each) => each.textContent.startsWith('Tokens')) && ${settled}`,
    },
    {
      what: 'usage by key: 90 days',
      before: async (page) => {
        await page.goto('/usage?by=key');
        await page.locator('main tbody tr').nth(40).waitFor();
        await page.waitForLoadState('networkidle');
      },
      act: (page) => page.getByRole('button', { name: '90 days' }).click(),
      shown: `[...document.querySelectorAll('button[aria-pressed=true]')].some((each) => each.textContent === '90 days') && ${settled}`,
    },
    {
      what: 'usage by key, 90 days: show more',
      before: async (page) => {
        await page.goto('/usage?by=key&days=90');
        await page.locator('main tbody tr').nth(40).waitFor();
        await page.waitForLoadState('networkidle');
      },
      act: (page) => page.getByRole('button', { name: 'Show more' }).click(),
      shown: rows(100),
    },
    {
      what: 'conversations: open',
      before: history,
      act: (page) => page.getByRole('button', { name: 'Conversations' }).click(),
      shown: listed('Conversation 1'),
    },
    {
      what: 'conversations: search',
      before: openHistory,
      act: (page) => page.getByRole('searchbox').fill('rare'),
      shown: `${listed('Conversation 1007')} && !${listed('Conversation 2\\b')}`,
    },
    {
      what: 'conversations: show more',
      before: async (page) => {
        await openHistory(page);
        await page.evaluate(`window.known = document.querySelectorAll('[role=dialog] li').length`);
      },
      act: (page) => page.getByRole('button', { name: 'Show more' }).click(),
      shown: `document.querySelectorAll('[role=dialog] li').length > window.known`,
    },
    {
      what: 'conversations: the 20th more',
      before: async (page) => {
        await openHistory(page);
        for (let more = 0; more < 19; more += 1) {
          const known = await page.getByRole('dialog').getByRole('listitem').count();
          await page.getByRole('button', { name: 'Show more' }).click();
          await until(page, `document.querySelectorAll('[role=dialog] li').length > ${known}`);
        }
        await page.evaluate(`window.known = document.querySelectorAll('[role=dialog] li').length`);
      },
      act: (page) => page.getByRole('button', { name: 'Show more' }).click(),
      shown: `document.querySelectorAll('[role=dialog] li').length > window.known`,
    },
  ];
  const lines: string[][] = [];
  for (const measured of measures.filter(({ what }) => what.startsWith(values.only))) {
    const { what, before } = measured;
    const took: [number, number][] = [];
    for (let round = 0; round < (what.includes('20th') ? 2 : rounds); round += 1) {
      await before?.(page);
      took.push(await timed(page, measured));
    }
    const [whole, own] = ([0, 1] as const).map((part) =>
      took.map((times) => times[part]).toSorted((one, other) => one - other),
    );
    const median = (times: number[] = []) => (times[Math.floor(times.length / 2)] ?? NaN).toFixed(0);
    lines.push([what, median(whole), (whole?.at(-1) ?? NaN).toFixed(0), median(own)]);
    console.error(lines.at(-1)?.join(' '));
  }
  await browser.close();
  console.log(
    formatTable({
      title: `The console with ${requests} requests and ${conversations} conversations`,
      columns: ['what', 'median ms', 'most ms', 'after the last answer, ms'],
      rows: lines,
    }),
  );
}

/** Milliseconds until something is shown, and those of them after the API's last answer. Waits frame by frame: its policy lets no text be run as a script later. */
function until(page: Page, shown: string): Promise<[number, number]> {
  return page.evaluate<[number, number]>(`new Promise((resolve, reject) => {
    const endMs = performance.now() + 20_000;
    const look = () => {
      if (performance.now() > endMs) reject(new Error('not shown within 20 s'));
      else if (!(${shown})) requestAnimationFrame(look);
      else setTimeout(() => {
        const answers = performance.getEntriesByType('resource').filter(({ name }) => /\\/v1\\//.test(name));
        const lastMs = Math.max(0, ...answers.map(({ responseEnd }) => responseEnd));
        const nowMs = performance.now();
        resolve([nowMs - (window.pressedMs ?? 0), nowMs - Math.max(lastMs, window.pressedMs ?? 0)]);
      });
    };
    look();
  })`);
}

/** Milliseconds until what is asked for is painted. */
async function timed(page: Page, { act, shown, before }: Measure): Promise<[number, number]> {
  if (before === undefined) {
    await act(page);
    return until(page, shown);
  }
  await page.evaluate(`(() => {
    window.pressedMs = undefined;
    for (const name of ['pointerdown', 'input'])
      addEventListener(name, () => { window.pressedMs ??= performance.now(); }, { capture: true });
  })()`);
  const [times] = await Promise.all([until(page, `window.pressedMs !== undefined && (${shown})`), act(page)]);
  return times;
}
