import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Counts } from './reports.ts';

/** A check or a suite of tests, as a command. */
export interface Suite {
  name: string;
  command: () => string[];
  /** File that the runner reports to, and how to read it; without one the suite is a single check. */
  report?: { file: string; read: (text: string) => Counts };
}

/** Runs a suite in `directory` and counts its outcomes. Never throws: a suite that can't be run or read has failed. */
export function runSuite(suite: Suite, directory: string): Counts {
  const failed: Counts = { passed: 0, failed: 1, skipped: 0 };
  let status: number | null;
  try {
    const [program = '', ...args] = suite.command();
    const ended = spawnSync(program, args, { cwd: directory, stdio: ['ignore', 'inherit', 'inherit'] });
    if (ended.error) throw ended.error;
    if (ended.signal !== null) console.error(`${suite.name} was ended by ${ended.signal}`);
    ({ status } = ended);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return failed;
  }
  if (suite.report === undefined) return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : failed;
  try {
    const counts = suite.report.read(readFileSync(suite.report.file, 'utf8'));
    // A runner that fails without a failed test (a crash, an unhandled error, no tests at all) has failed.
    const silent = status !== 0 && counts.failed === 0;
    return silent || counts.passed + counts.failed === 0 ? { ...counts, failed: counts.failed + 1 } : counts;
  } catch (error) {
    console.error(`${suite.name} left no readable report:`, error instanceof Error ? error.message : error);
    return failed;
  }
}
