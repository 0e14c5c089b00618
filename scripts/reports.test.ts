import { describe, expect, test } from 'vitest';
import { readJunit, readVitest } from './reports.ts';

function report(files: { status: string; tests: string[] }[]): string {
  const tests = files.flatMap((file) => file.tests);
  const count = (status: string) => tests.filter((each) => each === status).length;
  return JSON.stringify({
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending'),
    numTodoTests: 0,
    testResults: files.map((file) => ({
      status: file.status,
      assertionResults: file.tests.map((status) => ({ status })),
    })),
  });
}

describe('readVitest', () => {
  test('counts tests', () => {
    const text = report([{ status: 'failed', tests: ['passed', 'failed', 'pending', 'passed'] }]);
    expect(readVitest(text)).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });

  test('counts a file that failed without a failed test', () => {
    const text = report([
      { status: 'failed', tests: [] },
      { status: 'passed', tests: ['passed'] },
    ]);
    expect(readVitest(text)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });
});

test('readJunit adds failures and errors up', () => {
  const text =
    '<testsuites name="pytest"><testsuite name="pytest" errors="1" failures="2" skipped="1" tests="9" time="0.5"></testsuite></testsuites>';
  expect(readJunit(text)).toEqual({ passed: 5, failed: 3, skipped: 1 });
});
