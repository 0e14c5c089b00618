import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const packageDirectory = path.resolve(import.meta.dirname, '..');
const openaiDirectory = path.dirname(fileURLToPath(import.meta.resolve('openai')));
let consumer = '';

/** Builds and packs the package, and unpacks it into the node_modules of an empty project, as npm would. */
beforeAll(async () => {
  consumer = await mkdtemp(path.join(tmpdir(), 'weai-consumer-'));
  const installed = path.join(consumer, 'node_modules/weai');
  await mkdir(installed, { recursive: true });
  await symlink(openaiDirectory, path.join(consumer, 'node_modules/openai'));
  await run(process.execPath, ['build.ts'], { cwd: packageDirectory });
  const pack = await run(
    'npm',
    ['pack', '--json', '--offline', '--ignore-scripts', '--pack-destination', consumer],
    {
      cwd: packageDirectory,
    },
  );
  const tarball = /"filename":\s*"([^"]+)"/.exec(pack.stdout)?.[1] ?? '';
  await run('tar', ['-xzf', path.join(consumer, tarball), '--strip-components=1', '-C', installed]);
}, 60_000);

afterAll(async () => rm(consumer, { recursive: true, force: true }));

const report = `
const client = new Client({ apiKey: 'k', baseURL: 'http://127.0.0.1:9/v1', maxRetries: 0 });
client.models.list().catch((error) => console.log(JSON.stringify({
  baseURL: client.baseURL,
  same: [Client === named, named === viaDefault],
  refused: error instanceof APIConnectionError,
  missing: (() => { try { new Client(); } catch (e) { return e instanceof WeAIError && e.message.includes('WEAI_API_KEY'); } })(),
})));
`;

test.each([
  [
    'import',
    'consumer.mjs',
    `import Client, { WeAI as named, WeAIError, APIConnectionError } from 'weai';
     import * as all from 'weai'; const viaDefault = all.default; ${report}`,
  ],
  [
    'require',
    'consumer.cjs',
    `const Client = require('weai');
     const { WeAI: named, default: viaDefault, WeAIError, APIConnectionError } = Client; ${report}`,
  ],
])('%s of the packed package gives a working client', async (_name, file, source) => {
  await writeFile(path.join(consumer, file), source);
  const { WEAI_API_KEY: _key, ...environment } = process.env;
  const { stdout } = await run(process.execPath, [file], { cwd: consumer, env: environment });
  expect(JSON.parse(stdout)).toEqual({
    baseURL: 'http://127.0.0.1:9/v1',
    same: [true, true],
    refused: true,
    missing: true,
  });
});

test('both builds carry types that resolve', async () => {
  const compiler = path.resolve(fileURLToPath(import.meta.resolve('typescript/package.json')), '../bin/tsc');
  const source = `import WeAI, { WeAI as Named, type OpenAI } from 'weai';
const client: Named = new WeAI({ apiKey: 'k' });
export const answer: Promise<OpenAI.Chat.ChatCompletion> = client.chat.completions.create({ model: 'm', messages: [] });
`;
  await writeFile(path.join(consumer, 'types.mts'), source);
  await writeFile(
    path.join(consumer, 'types.cts'),
    source.replace('import WeAI, {', 'import {').replace('new WeAI', 'new Named'),
  );
  const options =
    '--noEmit --strict --skipLibCheck --module nodenext --target es2022 --types node --typeRoots';
  const compiled = run(
    process.execPath,
    [
      compiler,
      ...options.split(' '),
      path.resolve(packageDirectory, '../../node_modules/@types'),
      'types.mts',
      'types.cts',
    ],
    { cwd: consumer },
  );
  await expect(compiled).resolves.toMatchObject({ stdout: '' });
});
