import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOutcome } from './reports.ts';
import { outcomeFileVariable } from './vitest-reporter.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weai-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const files = {
  'plain.test.js': `
    let attempts = 0;
    test('passes', () => {});
    test.skip('waits', () => {});
    describe('a group', () => {
      test('fails', () => expect({ a: 1 }).toEqual({ a: 2 }));
      test('passes at last', { retry: 2 }, () => expect((attempts += 1)).toBe(2));
    });`,
  'broken.test.js': `import './missing.js'; test('never runs', () => {});`,
  'hook.test.js': `describe('with a hook', () => { beforeAll(() => { throw new Error('no server'); }); test('never runs', () => {}); });`,
  'stray.test.js': `test('passes', async () => {
    void Promise.reject(new Error('nobody waited'));
    await new Promise((resolve) => setTimeout(resolve, 50));
  });`,
  'crash.test.js': `test('dies', () => process.kill(process.pid, 'SIGKILL'));`,
};

test('the reporter tells failures, broken files, stray errors, crashes and retries', async () => {
  for (const [name, source] of Object.entries(files)) writeFileSync(join(directory, name), source);
  const report = join(directory, 'report.json');
  const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs');
  const reporter = join(import.meta.dirname, 'vitest-reporter.ts');
  await new Promise<void>((resolve) => {
    execFile(
      process.execPath,
      [vitest, 'run', '--globals', '--root', directory, `--reporter=${reporter}`],
      { cwd: directory, env: { ...process.env, [outcomeFileVariable]: report } },
      () => resolve(),
    );
  });
  const outcome = readOutcome(readFileSync(report, 'utf8'));
  expect(outcome).toEqual({
    passed: 3,
    skipped: 3,
    failures: [
      {
        file: 'broken.test.js',
        name: 'the file itself',
        message: expect.stringContaining("Cannot find module './missing.js'"),
      },
      { file: 'crash.test.js', name: 'the file itself', message: 'It never ended: its process crashed.' },
      { file: 'hook.test.js', name: 'with a hook', message: 'Error: no server' },
      {
        file: 'plain.test.js',
        name: 'a group > fails',
        message: 'AssertionError: expected { a: 1 } to deeply equal { a: 2 }\n-   "a": 2,\n+   "a": 1,',
      },
      { file: '', name: 'an error outside of tests', message: 'Error: nobody waited' },
      { file: '', name: 'an error outside of tests', message: expect.stringContaining('Worker') },
    ],
    retried: ['plain.test.js > a group > passes at last'],
  });
});
