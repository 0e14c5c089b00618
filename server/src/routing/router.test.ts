import { ApiError } from '@weai/protocol/errors';
import { describe, expect, test } from 'vitest';
import type { Deployment } from '../engines/deployment.ts';
import { Router } from './router.ts';

function deployment(id: string): Deployment {
  return {
    id,
    modelId: 'm',
    upstreamModel: 'm',
    kind: 'vllm',
    endpoint: { baseUrl: `http://${id}/v1` },
    apiKey: null,
    capabilities: {
      imageInput: false,
      tools: true,
      structuredOutput: true,
      logprobs: true,
      contextTokens: null,
    },
  };
}

const all = ['a', 'b', 'c'].map(deployment);
const ids = (deployments: readonly Deployment[]) => deployments.map(({ id }) => id).join('');
const down = new ApiError('engine_unavailable', 'down');

describe('Router', () => {
  test('takes turns while loads are equal', async () => {
    const router = new Router();
    const answered: string[] = [];
    for (let request = 0; request < 6; request += 1) {
      const route = await router.route(all, null, async ({ id }) => id);
      answered.push(route.answer);
      route.release();
    }
    expect(answered.join('')).toBe('abcabc');
  });

  test('prefers the least busy until it is released', async () => {
    const router = new Router();
    const first = await router.route(all, null, async ({ id }) => id);
    const second = await router.route(all, null, async ({ id }) => id);
    expect(ids(router.order(all, null))).toBe('cab');
    second.release();
    second.release();
    expect(ids(router.order(all, null))).toBe('cba');
    expect(router.inFlight(first.deployment.id)).toBe(1);
    expect(router.inFlight('b')).toBe(0);
  });

  test('falls back, says which failed, and asks those last for a while', async () => {
    let now = 0;
    const router = new Router({ cooldownMs: 1000, now: () => now });
    const route = await router.route(all, null, async ({ id }) => {
      if (id === 'a') throw down;
      return id;
    });
    expect(route.answer).toBe('b');
    expect(route.failed).toEqual([{ deploymentId: 'a', code: 'engine_unavailable' }]);
    route.release();
    expect(ids(router.order(all, null))).toBe('cba');
    now = 1001;
    expect(ids(router.order(all, null))).toBe('cab');
  });

  test('throws the failure when none answers, and holds nothing', async () => {
    const router = new Router();
    await expect(router.route(all, null, () => Promise.reject(down))).rejects.toBe(down);
    expect(all.map(({ id }) => router.inFlight(id))).toEqual([0, 0, 0]);
  });

  test('does not try others with a request that was refused', async () => {
    const router = new Router();
    const refusal = new ApiError('context_length_exceeded', 'too long');
    let attempts = 0;
    const attempt = async () => {
      attempts += 1;
      throw refusal;
    };
    await expect(router.route(all, null, attempt)).rejects.toBe(refusal);
    expect(attempts).toBe(1);
    expect(ids(router.order(all, null))).toBe('bca');
  });

  test('keeps a cache key with one deployment while loads are equal', async () => {
    const router = new Router();
    const favourites = new Set<string>();
    for (let request = 0; request < 5; request += 1) {
      const route = await router.route(all, 'conversation', async ({ id }) => id);
      favourites.add(route.answer);
      route.release();
    }
    expect(favourites.size).toBe(1);
  });

  test('spreads cache keys', () => {
    const router = new Router();
    const keys = Array.from({ length: 50 }, (_, at) => `key ${at}`);
    expect(new Set(keys.map((key) => router.order(all, key)[0]?.id)).size).toBe(3);
  });
});
