import { z } from 'zod';

/** One test that failed, a file that could not be run, or whatever else failed in a suite. */
export interface Failure {
  /** The test's file as the runner calls it; empty where it has none. */
  file: string;
  name: string;
  /** What went wrong: as many lines as the runner tells, the most telling first. */
  message: string;
}

/** How one suite ended. Every failure counts as a failed test. */
export interface Outcome {
  passed: number;
  skipped: number;
  failures: Failure[];
  /** Names of tests that passed, but not at first. */
  retried: string[];
}

const outcome = z.object({
  passed: z.number(),
  skipped: z.number(),
  failures: z.array(z.object({ file: z.string(), name: z.string(), message: z.string() })),
  retried: z.array(z.string()),
}) satisfies z.ZodType<Outcome>;

/** Reads what `vitest-reporter.ts` wrote. */
export function readOutcome(text: string): Outcome {
  return outcome.parse(JSON.parse(text));
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (all, decimal, hexadecimal, name) => {
    if (name !== undefined) return entities[name] ?? all;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal));
  });
}

function attribute(attributes: string, name: string): string {
  return unescaped(new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? '');
}

/** A test as a JUnit report tells it. */
export interface JunitCase extends Failure {
  status: 'passed' | 'skipped' | 'failed';
}

/** The tests of a JUnit XML report, as pytest writes it: it escapes every `<` that isn't a tag. */
export function junitCases(text: string): JunitCase[] {
  const cases = text.matchAll(/<testcase\b([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs);
  return Array.from(cases, ([, attributes = '', body = '']) => {
    const [, tag, details = '', output = ''] =
      /<(failure|error|skipped)\b([^>]*?)(?:\/>|>(.*?)<\/\1>)/s.exec(body) ?? [];
    return {
      file: attribute(attributes, 'classname'),
      name: attribute(attributes, 'name'),
      message: `${attribute(details, 'message')}\n${unescaped(output)}`.trim(),
      status: tag === undefined ? 'passed' : tag === 'skipped' ? 'skipped' : 'failed',
    };
  });
}

/** Reads a JUnit XML report. */
export function readJunit(text: string): Outcome {
  const cases = junitCases(text);
  const count = (sought: JunitCase['status']) => cases.filter(({ status }) => status === sought).length;
  return {
    passed: count('passed'),
    skipped: count('skipped'),
    failures: cases
      .filter(({ status }) => status === 'failed')
      .map(({ file, name, message }) => ({ file, name, message })),
    retried: [],
  };
}
