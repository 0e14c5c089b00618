import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { allBlocks, type Block, programHash, readBlocks } from './blocks.ts';
import { isProgram, type Outcome, runProgram, shortened } from './run.ts';

const { environment } = inject('documentedServer');
const blocks = allBlocks();
const programs = blocks.filter(({ language }) => isProgram(language));

function named(list: Block[]): [string, Block][] {
  return list.map((block) => [`${block.page}:${block.line} ${block.language}`, block]);
}

test('the reader of blocks sees programs that go on, and what keeps a block from running', () => {
  const page = [
    '```python run=a',
    'x = 1',
    '```',
    '  ```python continue=a expect="2"',
    '  print(x + 1)',
    '  ```',
    '```sh norun="no GPU"',
    'ls',
    '```',
  ].join('\n');
  expect(readBlocks('page', page)).toMatchObject([
    { program: 'x = 1\n', run: true },
    { program: 'x = 1\nprint(x + 1)\n', code: 'print(x + 1)\n', line: 4, run: true, expect: /2/ },
    { run: false, norun: 'no GPU' },
  ]);
  expect(() => readBlocks('page', '```python continue=a\n```\n')).toThrow('page:1');
});

test('every program runs or says why it does not', () => {
  const undecided = programs.filter((block) => block.run === (block.norun !== null));
  expect(named(undecided).map(([name]) => name)).toEqual([]);
});

/** What is wrong with how a block ended; null when it did what its page says. */
function complaint(block: Block, { exitCode, stdout, stderr }: Outcome): string | null {
  const shown = `${stdout}\n${stderr}`;
  if ((exitCode === 0) === block.fails) return `exited with ${exitCode}:\n${shown}`;
  if (block.expect !== null)
    return block.expect.test(stdout) ? null : `printed no ${String(block.expect)}:\n${shown}`;
  if (block.fails) return null;
  // curl exits with 0 for an error that the server answered with.
  if (/"error":\s*\{/.test(stdout)) return `was refused:\n${shown}`;
  const prints = /print\(|console\.log|curl/.test(block.code);
  return prints && stdout.trim() === '' ? `printed nothing:\n${shown}` : null;
}

async function run(block: Block): Promise<string | null> {
  const program = block.full ? block.program : shortened(block.program, 8);
  return complaint(block, await runProgram({ ...block, program }, 'run', environment));
}

describe('runs', () => {
  // By itself: it compares the ledger with what the engines have counted, while nothing runs.
  const isAlone = (block: Block) => /ledger verify/.test(block.program);
  const runnable = programs.filter((block) => block.run);
  test.each(named(runnable.filter(isAlone)))('%s', async (_name, block) => {
    expect(await run(block)).toBeNull();
  });
  test.concurrent.each(named(runnable.filter((block) => !isAlone(block))))('%s', async (_name, block) => {
    expect(await run(block)).toBeNull();
  });
});

describe('is well-formed', () => {
  test.concurrent.each(named(programs.filter((block) => block.norun !== null)))(
    '%s',
    async (_name, block) => {
      expect(await runProgram(block, 'check')).toMatchObject({ exitCode: 0 });
    },
  );
  test.each(named(blocks.filter(({ language }) => language === 'json')))('%s', (_name, { code }) => {
    expect(() => JSON.parse(code)).not.toThrow();
  });
  test.each(named(blocks.filter(({ language }) => language === 'yaml')))('%s', (_name, { code }) => {
    expect(parseAllDocuments(code).flatMap((document) => document.errors)).toEqual([]);
  });
});

describe('the output shown is that of the program above it', () => {
  test.each(named(blocks.filter(({ record }) => record !== null)))('%s', (_name, block) => {
    const file = join(import.meta.dirname, '../src/outputs', `${block.record}.json`);
    const recorded: { program: string } = JSON.parse(readFileSync(file, 'utf8'));
    expect(recorded.program, 'run: node docs/record.ts').toBe(programHash(block.program));
  });
});
