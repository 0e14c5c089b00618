import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseDeclarations, readDeclarations } from './declared.ts';
import { temporaryDirectory } from './file-server.fixture.ts';

const modified = new Date('2026-01-02T00:00:00Z');

test('remotes and own weights are read, paths relative to the file', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'mine.gguf'), 'GGUF');
  const file = join(directory, 'weai.yaml');
  const text = `
models:
  llama3.1-8B:
    remotes:
      - url: http://gpu-1:8000/
        upstream_model: meta-llama/Llama-3.1-8B-Instruct
        api_key_env: VLLM_KEY
        kind: vllm
        context_tokens: 131072
      - url: https://gpu-2/v1
  mine:
    weights: ./mine.gguf
    title: Mine
    licence: { name: MIT, url: 'https://opensource.org/license/mit' }
`;
  const declarations = await parseDeclarations(text, file, modified);
  expect(declarations.remotes).toEqual([
    {
      id: 'remote/llama3.1-8B/declared-1',
      modelId: 'llama3.1-8B',
      upstreamModel: 'meta-llama/Llama-3.1-8B-Instruct',
      kind: 'vllm',
      baseUrl: 'http://gpu-1:8000/v1',
      apiKeyEnv: 'VLLM_KEY',
      contextTokens: 131_072,
      imageInput: false,
      created: modified.getTime() / 1000,
    },
    expect.objectContaining({
      id: 'remote/llama3.1-8B/declared-2',
      upstreamModel: 'llama3.1-8B',
      kind: 'openai',
    }),
  ]);
  expect(declarations.weights).toEqual([
    expect.objectContaining({
      modelId: 'mine',
      path: join(directory, 'mine.gguf'),
      sizeBytes: 4,
    }),
  ]);
  expect(declarations.descriptions.get('mine')).toEqual({
    title: 'Mine',
    ownedBy: null,
    contextTokens: null,
    licence: { name: 'MIT', url: 'https://opensource.org/license/mit' },
  });
});

test.each([
  ['', 'nothing'],
  ['models: {}', 'no models'],
  ['# only a comment', 'a comment'],
])('“%s” declares nothing', async (text) => {
  expect(await parseDeclarations(text, 'weai.yaml', modified)).toMatchObject({ remotes: [], weights: [] });
});

test.each([
  ['bad syntax', 'models:\n  a: [', 'weai.yaml:2:'],
  [
    'an unknown field',
    'models:\n  a:\n    remotes:\n      - url: http://h\n        keey: x',
    'weai.yaml:4: models.a.remotes.0: ',
  ],
  [
    'a bad scheme',
    'models:\n  a:\n    remotes:\n      - url: ftp://h',
    'weai.yaml:4: models.a.remotes.0.url: Only http',
  ],
  [
    'a key in place of its name',
    'models:\n  a:\n    remotes:\n      - url: http://h\n        api_key_env: sk-123',
    'weai.yaml:5: models.a.remotes.0.api_key_env: must be the name',
  ],
  [
    'an unknown kind',
    'models:\n  a:\n    remotes:\n      - url: http://h\n        kind: tgi',
    'weai.yaml:5: models.a.remotes.0.kind',
  ],
  [
    'a model with nothing',
    'models:\n  a:\n    title: A',
    'weai.yaml:3: models.a: needs `remotes`, `weights` or `price`',
  ],
  ['a bad name', 'models:\n  "../a":\n    remotes: [{url: "http://h"}]', 'models.../a: '],
  [
    'weights that are not there',
    'models:\n  a:\n    weights: /nowhere.gguf',
    'weai.yaml:3: models.a.weights: there is no file /nowhere.gguf',
  ],
  ['a list', '- a', 'weai.yaml:1: '],
  ['one name twice', 'models:\n  a: {weights: x}\n  a: {weights: y}', 'weai.yaml:3: Map keys must be unique'],
])('%s is refused with file, line and field', async (_name, text, message) => {
  await expect(parseDeclarations(text, 'weai.yaml', modified)).rejects.toThrow(message);
});

test('the file of the settings comes first, then that of the data directory, then none', async () => {
  const dataDir = await temporaryDirectory();
  const modelsFile = join(await temporaryDirectory(), 'weai.yaml');
  expect((await readDeclarations({ dataDir, modelsFile })).file).toBeNull();
  await writeFile(join(dataDir, 'weai.yaml'), 'models: {}');
  expect((await readDeclarations({ dataDir, modelsFile })).file).toBe(join(dataDir, 'weai.yaml'));
  await writeFile(modelsFile, 'models: {}');
  expect((await readDeclarations({ dataDir, modelsFile })).file).toBe(modelsFile);
});

test('prices are read as nano-dollars, machines by deployment', async () => {
  const text = `
models:
  llama3.1-8B:
    price: { input: "0.15", output: "0.6" }
    machine_usd_per_hour: "2"
    remotes: [{ url: http://a/v1 }, { url: http://b/v1, machine_usd_per_hour: "3.5" }]
`;
  const { tokenPrices, machinePrices } = await parseDeclarations(text, 'weai.yaml', modified);
  expect([...tokenPrices]).toEqual([
    ['llama3.1-8B', { input: 150_000_000, cachedInput: 150_000_000, output: 600_000_000 }],
  ]);
  expect(Object.fromEntries(machinePrices)).toEqual({
    'embedded/llama3.1-8B': 2_000_000_000,
    'remote/llama3.1-8B/declared-1': 2_000_000_000,
    'remote/llama3.1-8B/declared-2': 3_500_000_000,
  });
  await expect(
    parseDeclarations('models:\n  a:\n    price: { input: "-1", output: "1" }', 'weai.yaml', modified),
  ).rejects.toThrow('weai.yaml:3: models.a.price.input: must be an amount in dollars');
});
