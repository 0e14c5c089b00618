import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { apiKey, baseUrl, model } from '../platform/clients.ts';
import { pythonExecutable } from '../python/environment.ts';

const run = promisify(execFile);
const options = {
  cwd: import.meta.dirname,
  env: { ...process.env, WEAI_API_KEY: apiKey, WEAI_BASE_URL: baseUrl, NO_PROXY: '127.0.0.1' },
};

// The three files are the README's snippets, word for word: what is checked is around them.

test('Python', async () => {
  const program = "import runpy; print(runpy.run_path('quickstart.py')['response'].model_dump_json())";
  const { stdout } = await run(await pythonExecutable(), ['-c', program], options);
  expect(JSON.parse(stdout)).toMatchObject({ model, choices: [{ message: { role: 'assistant' } }] });
}, 200_000);

test('Node', async () => {
  const { stdout } = await run(process.execPath, [path.join(import.meta.dirname, 'quickstart.mjs')], options);
  expect(stdout).toMatch(/index: 0/);
  expect(stdout).toMatch(/role: 'assistant'/);
});

test('curl', async () => {
  const { stdout } = await run('sh', ['quickstart.sh'], options);
  expect(JSON.parse(stdout)).toMatchObject({ model, choices: [{ message: { role: 'assistant' } }] });
});
