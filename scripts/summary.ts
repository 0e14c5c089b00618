import type { Failure, Outcome } from './reports.ts';

/** A suite that was run. */
export interface Ran {
  suite: string;
  seconds: number;
  outcome: Outcome;
}

const shownFailures = 10;
const linesOfMessage = 3;
const lineWidth = 200;

function verdict({ suite, seconds, outcome }: Ran): string {
  const { passed, skipped, failures } = outcome;
  const word = failures.length === 0 ? 'ok    ' : 'FAILED';
  const skippedToo = skipped > 0 ? `, ${skipped} skipped` : '';
  return `${word} ${suite.padEnd(12)} ${passed} passed, ${failures.length} failed${skippedToo} (${seconds.toFixed(1)} s)`;
}

function described({ suite, file, name, message }: Failure & { suite: string }): string[] {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  return [
    `✗ ${[suite, file, name].filter((part) => part !== '').join(' > ')}`,
    ...lines.slice(0, linesOfMessage).map((line) => `    ${line.slice(0, lineWidth)}`),
  ];
}

/**
 * What is printed after all suites: a line for each, then what failed and why, bounded, since logs are often read by their last lines;
 * then which tests needed a retry.
 */
export function summaryLines(ran: Ran[]): string[] {
  const failures = ran.flatMap(({ suite, outcome }) =>
    outcome.failures.map((failure) => ({ suite, ...failure })),
  );
  const retried = ran.flatMap(({ suite, outcome }) => outcome.retried.map((name) => `${suite} > ${name}`));
  const lines = ran.map(verdict);
  if (failures.length > 0) {
    lines.push('', ...failures.slice(0, shownFailures).flatMap(described));
    if (failures.length > shownFailures) lines.push(`and ${failures.length - shownFailures} more`);
  }
  if (retried.length > 0) {
    const more = retried.length > shownFailures ? `; and ${retried.length - shownFailures} more` : '';
    lines.push('', `passed after a retry: ${retried.slice(0, shownFailures).join('; ')}${more}`);
  }
  return lines;
}
