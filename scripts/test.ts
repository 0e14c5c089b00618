/**
 * Runs every check and every suite, one after the other, and counts what the runners' own reports say.
 * At the end it tells each suite's outcome, what failed and why.
 * The last line is "N passed, N failed"; the exit code is 1 when anything failed.
 * With names as arguments (`node scripts/test.ts lint unit`) runs only those.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { prepareChromium, prepareFaults, prepareRedis } from './debian.ts';
import { preparePython } from './python.ts';
import { readJunit, readOutcome } from './reports.ts';
import { runSuite } from './suite.ts';
import type { Suite } from './suite.ts';
import { summaryLines } from './summary.ts';
import type { Ran } from './summary.ts';
import { outcomeFileVariable } from './vitest-reporter.ts';

const checkout = resolve(import.meta.dirname, '..');
const reports = join(checkout, '.cache/reports');

function check(name: string, command: string[]): Suite {
  return { name, command: () => command };
}

function vitest(name: string, extra: string[], prepare?: () => unknown): Suite {
  const file = join(reports, `${name}.json`);
  const reporting = ['--reporter=default', `--reporter=${join(checkout, 'scripts/vitest-reporter.ts')}`];
  return {
    name,
    command: () => {
      prepare?.();
      return ['vitest', 'run', ...reporting, ...extra];
    },
    environment: { [outcomeFileVariable]: file },
    report: { file, read: readOutcome },
  };
}

const pythonReport = join(reports, 'python.xml');

const suites: Suite[] = [
  // First: types and type-aware lint read the Node client's built declarations.
  check('build', ['node', 'sdk/node/build.ts']),
  check('format', ['oxfmt', '--check']),
  check('lint', ['oxlint', '--type-aware', '--deny-warnings']),
  check('types', ['npm', 'run', '--silent', 'types']),
  check('unused', ['knip']),
  check('openapi', ['node', 'scripts/openapi.ts', '--check']),
  vitest('unit', [], prepareRedis),
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
  vitest('console', ['--config', 'console/vitest.config.ts'], prepareChromium),
  check('docs-build', ['sh', 'scripts/docs.sh']),
  vitest('docs', ['--config', 'docs/vitest.config.ts'], () => preparePython(checkout)),
  vitest('faults', ['--config', 'faults/vitest.config.ts'], prepareFaults),
];

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(
    `No suite is called ${unknown.join(', ')}. There are: ${suites.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}

const ran: Ran[] = [];

// On exit, so that the counts are the last line even if this program itself fails on the way.
process.once('exit', (code) => {
  const sum = (count: (each: Ran) => number) => ran.reduce((total, each) => total + count(each), 0);
  const passed = sum(({ outcome }) => outcome.passed);
  const failed = sum(({ outcome }) => outcome.failures.length) || (code === 0 ? 0 : 1);
  const counts = `${passed} passed, ${failed} failed`;
  console.log(`\n${'─'.repeat(78)}\n${summaryLines(ran).join('\n')}`);
  mkdirSync(reports, { recursive: true });
  writeFileSync(join(reports, 'summary'), `${counts}\n`);
  console.log(`\n${counts}`);
  process.exitCode = failed === 0 ? 0 : 1;
});

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
for (const suite of suites.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
  console.log(`\n── ${suite.name} ${'─'.repeat(Math.max(0, 74 - suite.name.length))}`);
  const startMs = performance.now();
  const outcome = await runSuite(suite, checkout);
  ran.push({ suite: suite.name, seconds: (performance.now() - startMs) / 1000, outcome });
}
