import { z } from 'zod';

/** How the tests of one suite ended. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

/** Counts of vitest's JSON report. A file that fails outside of its tests (an import, a hook) counts as a failed test. */
export function readVitest(text: string): Counts {
  const report = vitestReport.parse(JSON.parse(text));
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Counts of a JUnit XML report, as pytest writes it. */
export function readJunit(text: string): Counts {
  const total = { tests: 0, failures: 0, errors: 0, skipped: 0 };
  for (const [, attributes] of text.matchAll(/<testsuite\s([^>]*)>/g)) {
    for (const [, name, value] of (attributes ?? '').matchAll(/\b(tests|failures|errors|skipped)="(\d+)"/g)) {
      if (name === 'tests' || name === 'failures' || name === 'errors' || name === 'skipped') {
        total[name] += Number(value);
      }
    }
  }
  const failed = total.failures + total.errors;
  return { passed: total.tests - failed - total.skipped, failed, skipped: total.skipped };
}
