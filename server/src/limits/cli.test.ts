import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Database } from '../db/open.ts';
import { openTestDatabase } from '../db/testing.ts';
import { registerPriceCommands } from '../prices/cli.ts';
import { ensureDefaultProject } from '../projects/projects.ts';
import { registerLimitCommands } from './cli.ts';

let database: Database;
let projectId: string;
let output: string[];

beforeAll(async () => {
  database = await openTestDatabase();
  projectId = (await ensureDefaultProject(database.kysely)).id;
});
afterAll(() => database.close());
beforeEach(() => {
  output = [];
  vi.stubEnv('DATABASE_URL', database.connectionOptions.connectionString);
  vi.spyOn(console, 'log').mockImplementation((text: string) => void output.push(text));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function weai(command: string): Promise<string> {
  const program = new Command('weai');
  registerLimitCommands(program);
  registerPriceCommands(program);
  for (const each of [program, ...program.commands.flatMap((one) => one.commands)])
    each.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(command.split(' '), { from: 'user' });
  return output.splice(0).join('\n');
}

const nothing = {
  requests_per_minute: null,
  tokens_per_minute: null,
  concurrent_requests: null,
  usd_per_day: null,
  usd_per_month: null,
  allowed_models: null,
};

test('limits that are set are told as JSON, as they are listed', async () => {
  const set = JSON.parse(
    await weai('limits set project default --usd-per-day 2.5 --allowed-models a,b --json'),
  );
  expect(set).toEqual({
    ...nothing,
    kind: 'project',
    id: projectId,
    usd_per_day: '2.50',
    allowed_models: ['a', 'b'],
  });
  expect(JSON.parse(await weai('limits list --json'))).toEqual([set]);
  const removed = await weai('limits set project default --usd-per-day none --allowed-models none --json');
  expect(JSON.parse(removed)).toEqual({ ...nothing, kind: 'project', id: projectId });
});

test('a price that is set is told as JSON, as it is listed', async () => {
  const from = '2027-01-01T00:00:00.000Z';
  const set = JSON.parse(await weai(`prices set m --input 0.05 --output 0.08 --from ${from} --json`));
  expect(set).toEqual({
    model: 'm',
    effective_from: from,
    input: '0.05',
    cached_input: '0.05',
    output: '0.08',
  });
  expect(JSON.parse(await weai('prices list --json'))).toEqual([set]);
});

test.each([
  'limits set project default --requests-per-minute -1',
  'limits set project default --tokens-per-minute 1e3',
  'limits set project default --usd-per-day -0.01',
  'limits set project default --allowed-models a,,b',
  'limits set project default --allowed-models a\u001B[2J',
  'prices set m\u0007 --input 1 --output 1',
  'limits set galaxy default --requests-per-minute 1',
  'prices set m --input -1 --output 1',
  'prices set m --input 1 --output 1e99',
  'prices set m --input 1 --output 1 --from yesterday',
])('weai %s is refused', async (command) => {
  await expect(weai(command)).rejects.toThrow(/error/);
});
