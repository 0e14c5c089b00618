import { describe, expect, test } from 'vitest';
import { catalogue, starterModelId } from './catalogue.ts';
import { engineSocketPath, type InventorySources, standInFor, takeInventory } from './inventory.ts';
import { modelObject } from './model-object.ts';
import type { RemoteDeployment } from './remotes.ts';

const nothing: InventorySources['declarations'] = {
  file: null,
  remotes: [],
  weights: [],
  descriptions: new Map(),
};
const starterWeights = new Map([[starterModelId, '/data/weights/starter.gguf']]);
const remote: RemoteDeployment = {
  id: 'remote/llama3.1-8B/1',
  modelId: 'llama3.1-8B',
  upstreamModel: 'meta-llama/Llama-3.1-8B-Instruct',
  kind: 'vllm',
  baseUrl: 'http://gpu:8000/v1',
  apiKeyEnv: null,
  contextTokens: 4096,
  imageInput: true,
  created: 1_700_000_000,
};

function inventory(overrides: Partial<InventorySources> = {}) {
  return takeInventory({
    catalogue,
    presentWeights: new Map(),
    declarations: nothing,
    remotes: [],
    socketDirectory: '/data/engines',
    readSecret: () => null,
    engineDevice: 'auto',
    threads: null,
    contextTokens: null,
    ...overrides,
  });
}

function model(models: ReturnType<typeof inventory>, id: string) {
  const found = models.find(({ description }) => description.id === id);
  if (found === undefined) throw new Error(`no model ${id}`);
  return found;
}

test('a fresh install knows the catalogue and serves none of it', () => {
  const models = inventory();
  expect(models.map(({ description }) => description.id)).toEqual([
    'llama3.1-8B',
    'llama3.1-70B',
    'smollm2-135m',
  ]);
  expect(models.flatMap(({ deployments }) => deployments)).toEqual([]);
});

test('weights that are there make an embedded deployment and an engine to run', () => {
  const starter = model(inventory({ presentWeights: starterWeights, threads: 2 }), starterModelId);
  expect(starter.deployments).toEqual([
    {
      id: 'embedded/smollm2-135m',
      modelId: 'smollm2-135m',
      upstreamModel: 'smollm2-135m',
      kind: 'embedded',
      endpoint: { socketPath: '/data/engines/smollm2-135m.sock' },
      apiKey: null,
      capabilities: {
        imageInput: false,
        tools: true,
        structuredOutput: true,
        logprobs: true,
        contextTokens: 8192,
        usualCompletionTokens: 1024,
      },
    },
  ]);
  expect(starter.localEngine).toEqual({
    deploymentId: 'embedded/smollm2-135m',
    weightsPath: '/data/weights/starter.gguf',
    socketPath: '/data/engines/smollm2-135m.sock',
    alias: 'smollm2-135m',
    device: 'auto',
    threads: 2,
  });
});

test('a remote is a deployment with what was found out when it was connected', () => {
  const { deployments } = model(inventory({ remotes: [remote] }), 'llama3.1-8B');
  expect(deployments).toHaveLength(1);
  expect(deployments[0]).toMatchObject({
    kind: 'vllm',
    upstreamModel: 'meta-llama/Llama-3.1-8B-Instruct',
    endpoint: { baseUrl: 'http://gpu:8000/v1' },
    capabilities: { imageInput: true, contextTokens: 4096 },
  });
});

test('the key of a remote comes from its variable; without it the remote is left out and said so', () => {
  const remotes = [{ ...remote, apiKeyEnv: 'GPU_KEY' }];
  const readSecret = (name: string) => (name === 'GPU_KEY' ? 'secret' : null);
  expect(model(inventory({ remotes, readSecret }), 'llama3.1-8B').deployments[0]?.apiKey).toBe('secret');
  const without = model(inventory({ remotes }), 'llama3.1-8B');
  expect(without.deployments).toEqual([]);
  expect(without.leftOut[0]?.reason).toContain('GPU_KEY');
});

test('models outside the catalogue follow it by name', () => {
  const weights = {
    modelId: 'my/model',
    path: '/x.gguf',
    sizeBytes: 5,
    created: 1,
  };
  const declarations = { ...nothing, remotes: [{ ...remote, modelId: 'a' }], weights: [weights] };
  const models = inventory({ declarations });
  expect(models.map(({ description }) => description.id).slice(3)).toEqual(['a', 'my/model']);
  expect(model(models, 'my/model').localEngine?.weightsPath).toBe('/x.gguf');
});

test('declared weights of a catalogue model replace the pulled ones', () => {
  const weights = {
    modelId: starterModelId,
    path: '/own.gguf',
    sizeBytes: 5,
    created: 1,
  };
  const declarations = { ...nothing, weights: [weights] };
  const starter = model(inventory({ declarations, presentWeights: starterWeights }), starterModelId);
  expect(starter.deployments).toHaveLength(1);
  expect(starter.localEngine?.weightsPath).toBe('/own.gguf');
});

test('a model is called what weai.yaml calls it, also where it has remotes alone', () => {
  const licence = { name: 'MIT', url: 'https://example.com/mit' };
  const said = { title: 'House model', ownedBy: 'we', contextTokens: 2048, licence };
  const descriptions: InventorySources['declarations']['descriptions'] = new Map();
  descriptions.set('a', said).set('llama3.1-8B', { ...said, ownedBy: null });
  const remotes = ['a', 'llama3.1-8B'].map((modelId) => ({ ...remote, modelId }));
  const models = inventory({ declarations: { ...nothing, remotes, descriptions } });
  expect(model(models, 'a').description).toMatchObject(said);
  expect(model(models, 'llama3.1-8B').description).toMatchObject({ ...said, ownedBy: 'meta' });
});

describe('the starter stands in', () => {
  const models = inventory({ presentWeights: starterWeights });
  const llama = model(models, 'llama3.1-8B');
  const starter = model(models, starterModelId);

  test('for a catalogue model that nothing serves', () => {
    expect(standInFor(llama, models, true)).toBe(starter);
  });
  test('not when it is turned off', () => {
    expect(standInFor(llama, models, false)).toBeNull();
  });
  test('not for itself', () => {
    expect(standInFor(starter, models, true)).toBeNull();
  });
  test('not when it is not there itself', () => {
    const without = inventory();
    expect(standInFor(model(without, 'llama3.1-8B'), without, true)).toBeNull();
  });
  test('not for a model that is served', () => {
    const served = inventory({ presentWeights: starterWeights, remotes: [remote] });
    expect(standInFor(model(served, 'llama3.1-8B'), served, true)).toBeNull();
  });
  test('not for a model outside the catalogue whose key is missing', () => {
    const remotes = [{ ...remote, modelId: 'own', apiKeyEnv: 'KEY' }];
    const own = inventory({ presentWeights: starterWeights, remotes });
    expect(standInFor(model(own, 'own'), own, true)).toBeNull();
  });
});

describe('the model object', () => {
  const models = inventory({ presentWeights: starterWeights, remotes: [{ ...remote, apiKeyEnv: null }] });

  test('has the four fields of the API and says who answers', () => {
    const object = modelObject(model(models, 'llama3.1-70B'), model(models, starterModelId), () => 'ready');
    expect(object).toMatchObject({
      id: 'llama3.1-70B',
      object: 'model',
      created: 1_721_692_800,
      owned_by: 'meta',
      weai: {
        status: 'stand_in',
        stand_in: true,
        served_by: { model: 'smollm2-135m', deployments: [{ id: 'embedded/smollm2-135m', state: 'ready' }] },
        context_tokens: 8192,
        // Of the one who answers.
        usual_completion_tokens: 1024,
        licence: { name: 'Llama 3.1 Community License' },
        size_bytes: 42_520_398_400,
      },
    });
    expect(object.weai.hint).toContain('./weai pull llama3.1-70B');
  });

  test('has a usual length where every deployment has one', () => {
    const length = (from: typeof models, id: string) =>
      modelObject(model(from, id), null, () => 'ready').weai.usual_completion_tokens;
    expect([length(models, starterModelId), length(models, 'llama3.1-8B')]).toEqual([1024, null]);
    expect(length(inventory(), starterModelId)).toBe(null);
  });

  test('does not tell addresses and keys of engines', () => {
    const text = JSON.stringify(modelObject(model(models, 'llama3.1-8B'), null, () => 'ready'));
    expect(text).not.toContain('gpu:8000');
  });

  test.each([
    ['ready', 'ready'],
    ['starting', 'starting'],
    ['restarting', 'starting'],
    ['failed', 'unavailable'],
    ['stopped', 'unavailable'],
  ] as const)('with an engine that is %s is %s', (state, status) => {
    expect(modelObject(model(models, starterModelId), null, () => state).weai.status).toBe(status);
  });

  test('without any engine is not installed', () => {
    expect(modelObject(model(inventory(), 'llama3.1-8B'), null, () => 'ready').weai).toMatchObject({
      status: 'not_installed',
      served_by: null,
      stand_in: false,
    });
  });
});

test.each([
  ['/data/engines', 'smollm2-135m', /^\/data\/engines\/smollm2-135m\.sock$/],
  ['/data/engines', 'org/model:tag', /^\/data\/engines\/[0-9a-f]{16}\.sock$/],
  [`/${'d'.repeat(80)}`, 'm'.repeat(60), /^\/d{80}\/[0-9a-f]{16}\.sock$/],
])('a socket in %s for %s fits a file name and the length limit', (directory, id, pattern) => {
  const path = engineSocketPath(directory, id);
  expect(path).toMatch(pattern);
  expect(Buffer.byteLength(path)).toBeLessThanOrEqual(107);
});

test('every catalogue entry has a full hash, pinned sources and a plain file name', () => {
  for (const { weights } of catalogue) {
    expect(weights.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(weights.fileName).toMatch(/^[\w.-]+\.gguf$/);
    expect(weights.sources.length).toBeGreaterThan(0);
    const revisions = weights.sources.flatMap((source) => (source.kind === 'hub' ? [source.revision] : []));
    expect(revisions.filter((revision) => !/^[0-9a-f]{40}$/.test(revision))).toEqual([]);
  }
});
