import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Counts } from './reports.ts';
import { runSuite } from './suite.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weai-'));
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

const crash = "process.kill(process.pid, 'SIGKILL')";
const node = (source: string) => () => [process.execPath, '-e', source];
const one = (what: keyof Counts): Counts => ({ passed: 0, failed: 0, skipped: 0, [what]: 1 });

describe('runSuite', () => {
  test.each<[string, () => string[], Counts]>([
    ['a check that passes', node(''), one('passed')],
    ['a check that fails', node('process.exit(3)'), one('failed')],
    ['a crash', node(crash), one('failed')],
    ['a program that is missing', () => ['no-such-program'], one('failed')],
    [
      'a preparation that fails',
      () => {
        throw new Error('no Python');
      },
      one('failed'),
    ],
  ])('counts %s', (_, command, expected) => {
    expect(runSuite({ name: 'check', command }, directory)).toEqual(expected);
  });

  const passed: Counts = { passed: 5, failed: 0, skipped: 1 };
  test.each<[string, string, string | null, Counts]>([
    ['what the report says', '', JSON.stringify(passed), passed],
    ['a crash after a report without failures', crash, JSON.stringify(passed), { ...passed, failed: 1 }],
    ['a report of no tests', '', JSON.stringify(one('skipped')), { ...one('skipped'), failed: 1 }],
    ['a report that is cut', '', '{"passed": 5', one('failed')],
    ['a crash before the report', crash, null, one('failed')],
  ])('counts %s', (_, source, written, expected) => {
    const file = join(directory, 'report');
    if (written !== null) writeFileSync(file, written);
    const read = (text: string) => JSON.parse(text) as Counts;
    expect(runSuite({ name: 'suite', command: node(source), report: { file, read } }, directory)).toEqual(
      expected,
    );
  });
});
