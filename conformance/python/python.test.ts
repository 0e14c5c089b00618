import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { type JunitCase, junitCases } from '../../scripts/reports.ts';
import { apiKey, baseUrl } from '../platform/clients.ts';
import { pythonExecutable } from './environment.ts';

/** Runs pytest in a directory. Throws with its output when it reported no tests. */
async function runPytest(directory: string): Promise<JunitCase[]> {
  const python = await pythonExecutable();
  const scratch = mkdtempSync(path.join(tmpdir(), 'weai-pytest-'));
  const report = path.join(scratch, 'report.xml');
  const schemas = path.join(scratch, 'schemas.json');
  writeFileSync(schemas, JSON.stringify(inject('schemas')));
  const environment = {
    ...process.env,
    WEAI_API_KEY: apiKey,
    WEAI_BASE_URL: baseUrl,
    WEAI_SCHEMAS: inject('schemas') ? schemas : '',
    PYTHONDONTWRITEBYTECODE: '1',
    NO_PROXY: '127.0.0.1',
  };
  const output = await new Promise<string>((resolve) => {
    const pytest = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `--junitxml=${report}`];
    // Failures are in the report: an exit status of 1 says nothing more.
    execFile(python, pytest, { cwd: directory, env: environment }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
  try {
    const tests = junitCases(readFileSync(report, 'utf8'));
    if (tests.length === 0) throw new Error(`pytest ran nothing:\n${output}`);
    return tests;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const tests = await runPytest(import.meta.dirname);

describe('the Python clients', () => {
  test.each(tests)('$file $name', ({ status, message }) => expect(status, message).toBe('passed'));
});
