import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readOutcome } from './reports.ts';
import type { Outcome } from './reports.ts';
import { runSuite } from './suite.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weai-'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

const crash = "process.kill(process.pid, 'SIGKILL')";
const node = (source: string) => () => [process.execPath, '-e', source];
const nothing: Outcome = { passed: 0, skipped: 0, failures: [], retried: [] };

describe('runSuite', () => {
  test('counts a check that passes', async () => {
    expect(await runSuite({ name: 'check', command: node('') }, directory)).toEqual({
      ...nothing,
      passed: 1,
    });
  });

  test.each<[string, () => string[], string, string]>([
    [
      'a check that fails',
      node("for (let i = 1; i < 9; i += 1) console.log('line ' + i + '\\n'); process.exitCode = 3"),
      'ended with 3',
      'line 1\nline 2\nline 3\nline 6\nline 7\nline 8',
    ],
    ['a crash', node(`console.log('begun'); ${crash}`), 'was ended by SIGKILL', 'begun'],
    [
      'a program that is missing',
      () => ['no-such-program'],
      'could not be started',
      'spawn no-such-program ENOENT',
    ],
    [
      'a preparation that fails',
      () => {
        throw new Error('no Python');
      },
      'could not be started',
      'no Python',
    ],
  ])('tells of %s', async (_, command, name, message) => {
    expect(await runSuite({ name: 'check', command }, directory)).toEqual({
      ...nothing,
      failures: [{ file: '', name, message }],
    });
  });

  const passed: Outcome = { ...nothing, passed: 5, skipped: 1 };
  const failed: Outcome = { ...passed, failures: [{ file: 'a.ts', name: 'adds', message: '1 is not 2' }] };
  test.each<[string, string, Outcome, string[]]>([
    ['what the report says', '', passed, []],
    ['the failures of a report', 'process.exitCode = 1', failed, ['adds']],
    [
      'a crash after a report without failures',
      crash,
      passed,
      ['reported no failed test and was ended by SIGKILL'],
    ],
    ['a report of no tests', '', { ...nothing, skipped: 1 }, ['ran no test']],
  ])('tells %s', async (_, source, written, names) => {
    const report = { file: join(directory, 'report'), read: readOutcome };
    writeFileSync(report.file, JSON.stringify(written));
    const outcome = await runSuite({ name: 'suite', command: node(source), report }, directory);
    expect(outcome).toEqual({ ...written, failures: outcome.failures });
    expect(outcome.failures.map(({ name }) => name)).toEqual(names);
  });

  test.each<[string, string, string | null, string]>([
    ['that is cut', '', '{"passed": 5', 'left no readable report and ended with 0'],
    ['before which it crashed', crash, null, 'left no readable report and was ended by SIGKILL'],
  ])('tells of a report %s', async (_, source, written, name) => {
    const report = { file: join(directory, 'report'), read: readOutcome };
    if (written !== null) writeFileSync(report.file, written);
    const outcome = await runSuite({ name: 'suite', command: node(source), report }, directory);
    expect(outcome).toMatchObject({ passed: 0, failures: [{ name }] });
  });
});
