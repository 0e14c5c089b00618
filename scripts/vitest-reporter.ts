import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import type { Outcome } from './reports.ts';

/** Where the environment says that the report goes. */
export const outcomeFileVariable = 'TEST_OUTCOME_FILE';

/**
 * Vitest's reporter for `test.ts`: writes an `Outcome` to the file in `TEST_OUTCOME_FILE`. Beside failed tests it knows files that
 * broke or never ended, errors that no test caught, and tests that passed only after a retry; vitest's own JSON report leaves those out.
 */
export default class OutcomeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env[outcomeFileVariable];
    if (file === undefined) throw new Error(`${outcomeFileVariable} must name the file to report to`);
    const result: Outcome = { passed: 0, skipped: 0, failures: [], retried: [] };
    for (const module of modules) addModule(result, module);
    for (const error of unhandled) {
      result.failures.push({ file: '', name: 'an error outside of tests', message: messageOf([error]) });
    }
    writeFileSync(file, JSON.stringify(result));
  }
}

function addModule(result: Outcome, module: TestModule): void {
  const file = module.relativeModuleId;
  for (const test of module.children.allTests()) {
    const { state, errors } = test.result();
    const name = test.fullName;
    if (state === 'passed') {
      result.passed += 1;
      if ((test.diagnostic()?.retryCount ?? 0) > 0) result.retried.push(`${file} > ${name}`);
    } else if (state === 'failed') {
      result.failures.push({ file, name, message: messageOf(errors) });
    } else result.skipped += 1;
  }
  for (const suite of module.children.allSuites()) {
    if (suite.errors().length > 0) {
      result.failures.push({ file, name: suite.fullName, message: messageOf(suite.errors()) });
    }
  }
  if (module.errors().length > 0) {
    result.failures.push({ file, name: 'the file itself', message: messageOf(module.errors()) });
  } else if (module.state() === 'pending' || module.state() === 'queued') {
    result.failures.push({ file, name: 'the file itself', message: 'It never ended: its process crashed.' });
  }
}

/** The last attempt's error: what it says, and what differed. */
function messageOf(errors: readonly SerializedError[] | undefined): string {
  const error = errors?.at(-1);
  if (error === undefined) return '';
  const differences = stripVTControlCharacters(typeof error.diff === 'string' ? error.diff : '')
    .split('\n')
    .filter((line) => /^[-+] (?!Expected$|Received$)/.test(line));
  const said = `${error.name ?? 'Error'}: ${stripVTControlCharacters(error.message)}`;
  return [said, ...differences].join('\n');
}
