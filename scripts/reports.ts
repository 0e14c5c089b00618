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

/** Reads a JUnit XML report, as pytest writes it: it escapes every `<` that isn't a tag. */
export function readJunit(text: string): Outcome {
  const result: Outcome = { passed: 0, skipped: 0, failures: [], retried: [] };
  for (const [, attributes = '', body = ''] of text.matchAll(
    /<testcase\b([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs,
  )) {
    const failed = /<(?:failure|error)\b([^>]*?)(?:\/>|>(.*?)<\/(?:failure|error)>)/s.exec(body);
    if (failed) {
      result.failures.push({
        file: attribute(attributes, 'classname'),
        name: attribute(attributes, 'name'),
        message: `${attribute(failed[1] ?? '', 'message')}\n${unescaped(failed[2] ?? '')}`.trim(),
      });
    } else if (/<skipped\b/.test(body)) result.skipped += 1;
    else result.passed += 1;
  }
  return result;
}
