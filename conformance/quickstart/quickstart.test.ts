import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { apiKey, baseUrl, model } from '../platform/clients.ts';
import { pythonExecutable } from '../python/environment.ts';

const run = promisify(execFile);

async function outputOf(program: string, args: string[], signal: AbortSignal): Promise<string> {
  const { stdout } = await run(program, args, {
    cwd: import.meta.dirname,
    env: { ...process.env, WEAI_API_KEY: apiKey, WEAI_BASE_URL: baseUrl, NO_PROXY: '127.0.0.1' },
    signal,
  });
  return stdout;
}

test.each(['quickstart.sh', 'quickstart.py', 'quickstart.mjs'])('the README shows %s', (file) => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  expect(readme).toContain(readFileSync(join(import.meta.dirname, file), 'utf8'));
});

// The files stay as the README shows them, so what is checked is around them. They set no limit on the answer's length:
// a small model may go on for a while.
describe('the quickstart in', { timeout: 400_000 }, () => {
  test('Python', async ({ signal }) => {
    const program = "import runpy; print(runpy.run_path('quickstart.py')['response'].model_dump_json())";
    const answer = await outputOf(await pythonExecutable(), ['-c', program], signal);
    expect(JSON.parse(answer)).toMatchObject({ model, choices: [{ message: { role: 'assistant' } }] });
  });

  test('Node', async ({ signal }) => {
    const answer = await outputOf(process.execPath, ['quickstart.mjs'], signal);
    expect(answer).toMatch(/index: 0/);
    expect(answer).toMatch(/role: 'assistant'/);
  });

  test('curl', async ({ signal }) => {
    const answer = await outputOf('sh', ['quickstart.sh'], signal);
    expect(JSON.parse(answer)).toMatchObject({ model, choices: [{ message: { role: 'assistant' } }] });
  });
});
