import { expect, test } from 'vitest';
import { summaryLines } from './summary.ts';

const nothing = { passed: 0, skipped: 0, failures: [], retried: [] };

test('says what failed and why after the table, and what needed a retry', () => {
  const failures = [
    { file: 'a.test.ts', name: 'sums > adds', message: 'Error: 1 is not 2\n\n- 2\n+ 1\n    at here' },
    { file: '', name: 'an error outside of tests', message: '' },
  ];
  const lines = summaryLines([
    { suite: 'types', seconds: 2, outcome: { ...nothing, passed: 1 } },
    {
      suite: 'unit',
      seconds: 3.25,
      outcome: { passed: 5, skipped: 1, failures, retried: ['b.test.ts > waits'] },
    },
  ]);
  expect(lines).toEqual([
    'ok     types        1 passed, 0 failed (2.0 s)',
    'FAILED unit         5 passed, 2 failed, 1 skipped (3.3 s)',
    '',
    '✗ unit > a.test.ts > sums > adds',
    '    Error: 1 is not 2',
    '    - 2',
    '    + 1',
    '✗ unit > an error outside of tests',
    '',
    'passed after a retry: unit > b.test.ts > waits',
  ]);
});

test('stays short when much failed, and with long lines', () => {
  const failures = Array.from({ length: 40 }, (_, index) => ({
    file: 'a.test.ts',
    name: `test ${index}`,
    message: `${'x'.repeat(5000)}\n`.repeat(30),
  }));
  const retried = failures.map(({ name }) => name);
  const lines = summaryLines([{ suite: 'unit', seconds: 1, outcome: { ...nothing, failures, retried } }]);
  expect(lines).toHaveLength(1 + 1 + 10 * 4 + 1 + 2);
  expect(lines).toContain('and 30 more');
  expect(lines.at(-1)).toMatch(/test 9; and 30 more$/);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(250);
});
