import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { Outcome } from './reports.ts';

/** A check or a suite of tests, as a command. */
export interface Suite {
  name: string;
  command: () => string[];
  /** Added to the command's environment. */
  environment?: Record<string, string>;
  /** File that the runner reports to, and how to read it; without one the suite is a single check. */
  report?: { file: string; read: (text: string) => Outcome };
}

const edgeLines = 3;

/** Runs a suite in `directory` and tells its outcome. Never throws: a suite that can't be run or read has failed. */
export async function runSuite(suite: Suite, directory: string): Promise<Outcome> {
  let ended: Ended;
  try {
    ended = await run(suite, directory);
  } catch (error) {
    return failure('could not be started', error instanceof Error ? error.message : String(error));
  }
  const ending = ended.signal === null ? `ended with ${ended.status}` : `was ended by ${ended.signal}`;
  const ok = ended.status === 0;
  if (suite.report === undefined) {
    return ok ? { passed: 1, skipped: 0, failures: [], retried: [] } : failure(ending, ended.output);
  }
  let outcome: Outcome;
  try {
    outcome = suite.report.read(readFileSync(suite.report.file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failure(`left no readable report and ${ending}`, `${ended.output}\n${reason}`);
  }
  if (outcome.failures.length > 0) return outcome;
  // A runner that fails without a failed test (a crash after its report, no tests at all) has failed.
  const lacking = ok ? 'ran no test' : `reported no failed test and ${ending}`;
  return ok && outcome.passed > 0
    ? outcome
    : { ...outcome, failures: failure(lacking, ended.output).failures };
}

function failure(name: string, message: string): Outcome {
  return { passed: 0, skipped: 0, failures: [{ file: '', name, message }], retried: [] };
}

interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  /** The first and the last lines of what it printed. */
  output: string;
}

/** Runs the command, passes on what it prints and keeps the edges: a compiler says the cause first, a build last. */
async function run(suite: Suite, directory: string): Promise<Ended> {
  const [program = '', ...args] = suite.command();
  const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  const child = spawn(program, args, {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...colour, ...suite.environment },
  });
  const first: string[] = [];
  const last: string[] = [];
  let rest = '';
  const keep = (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.map((each) => stripVTControlCharacters(each)).filter((each) => each.trim())) {
      if (first.length < edgeLines) first.push(line);
      else if (last.push(line) > edgeLines) last.shift();
    }
  };
  for (const [stream, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      to.write(text);
      keep(text);
    });
  }
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      keep('\n');
      resolve({ status, signal, output: [...first, ...last].join('\n') });
    });
  });
}
