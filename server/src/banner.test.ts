import { expect, test } from 'vitest';
import { formatBanner } from './banner.ts';
import type { ModelObject } from './models/registry.ts';

function model(id: string, servedBy: string): ModelObject {
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: 'weai',
    weai: {
      title: id,
      status: id === servedBy ? 'ready' : 'stand_in',
      stand_in: id !== servedBy,
      served_by: { model: servedBy, deployments: [] },
      context_tokens: null,
      usual_completion_tokens: null,
      capabilities: { image_input: false, tools: true, structured_output: true, logprobs: true },
      licence: null,
      size_bytes: null,
      parameters: null,
      hint: null,
    },
  };
}

const facts = {
  url: 'http://127.0.0.1:8080',
  models: [model('llama3.1-8B', 'smollm2-135m'), model('smollm2-135m', 'smollm2-135m')],
  keyFile: '/srv/weai/.weai/api-key',
  ownerLink: null,
  newKey: null,
  color: false,
};

test('the banner fits 80 columns, says who answers, and shows no key', () => {
  const banner = formatBanner(facts);
  for (const line of banner.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(banner).toContain('llama3.1-8B → smollm2-135m stands in; fix: ./weai pull llama3.1-8B');
  expect(banner).toContain('smollm2-135m (ready)');
  expect(banner).not.toContain('sk-weai-');
});

test('each of the three requests ends soon', () => {
  expect(formatBanner(facts).match(/max_completion_tokens"?[:=] ?100,/g)).toHaveLength(3);
});

test('a new key is shown', () => {
  expect(formatBanner({ ...facts, newKey: 'sk-weai-new' })).toContain('sk-weai-new');
});

test('the link for the first owner has a line of its own', () => {
  const ownerLink = `http://127.0.0.1:8080/welcome?token=${'t'.repeat(43)}`;
  const lines = formatBanner({ ...facts, ownerLink }).split('\n');
  expect(lines).toContain(`  ${ownerLink}`);
  expect(formatBanner(facts)).not.toContain('/welcome');
});

test('without a model the banner says how to get one', () => {
  expect(formatBanner({ ...facts, models: [] })).toContain('./weai pull smollm2-135m');
});
