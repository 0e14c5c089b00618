/**
 * Runs every check and every suite, one after the other, and counts what the runners' own reports say.
 * The last line is "N passed, N failed"; the exit code is 1 when anything failed.
 * With names as arguments (`node scripts/test.ts lint unit`) runs only those.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { preparePython } from './python.ts';
import { readJunit, readVitest } from './reports.ts';
import type { Counts } from './reports.ts';

const checkout = resolve(import.meta.dirname, '..');
const reports = join(checkout, '.cache/reports');

interface Suite {
  name: string;
  command: () => string[];
  /** File that the runner reports to, and how to read it; without one the suite is a single check. */
  report?: { file: string; read: (text: string) => Counts };
}

function check(name: string, command: string[]): Suite {
  return { name, command: () => command };
}

function vitest(name: string, extra: string[]): Suite {
  const file = join(reports, `${name}.json`);
  const reporting = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  return {
    name,
    command: () => ['vitest', 'run', ...reporting, ...extra],
    report: { file, read: readVitest },
  };
}

const pythonReport = join(reports, 'python.xml');

const suites: Suite[] = [
  check('format', ['oxfmt', '--check']),
  check('lint', ['oxlint', '--type-aware', '--deny-warnings']),
  check('types', ['tsc', '--noEmit', '-p', 'tsconfig.json']),
  check('unused', ['knip']),
  check('openapi', ['node', 'scripts/openapi.ts', '--check']),
  vitest('unit', []),
  {
    name: 'python',
    command: () => [
      preparePython(checkout),
      '-m',
      'pytest',
      '-q',
      `--junitxml=${pythonReport}`,
      'sdk/python/tests',
    ],
    report: { file: pythonReport, read: readJunit },
  },
  vitest('conformance', ['--config', 'conformance/vitest.config.ts']),
];

function run(suite: Suite): Counts {
  console.log(`\n── ${suite.name} ${'─'.repeat(Math.max(0, 74 - suite.name.length))}`);
  const failed: Counts = { passed: 0, failed: 1, skipped: 0 };
  let status: number | null;
  try {
    const [program = '', ...args] = suite.command();
    const ended = spawnSync(program, args, { cwd: checkout, stdio: ['ignore', 'inherit', 'inherit'] });
    if (ended.error) throw ended.error;
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

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(
    `No suite is called ${unknown.join(', ')}. There are: ${suites.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];
for (const suite of suites.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
  const startMs = performance.now();
  const counts = run(suite);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  const verdict = counts.failed === 0 ? 'ok    ' : 'FAILED';
  lines.push(
    `${verdict} ${suite.name.padEnd(12)} ${counts.passed} passed, ${counts.failed} failed${skipped} (${seconds} s)`,
  );
}
console.log(`\n${'─'.repeat(78)}\n${lines.join('\n')}`);
const summary = `${total.passed} passed, ${total.failed} failed`;
writeFileSync(join(reports, 'summary'), `${summary}\n`);
console.log(`\n${summary}`);
process.exitCode = total.failed === 0 ? 0 : 1;
