import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '@weai/protocol/errors';
import { describe, expect, test } from 'vitest';
import { bytes } from '../engines/testing/scripted-upstream.ts';
import { dataOf, errorOf, hang, hello, serve } from './scripted-chat.testing.ts';
import { post } from './testing.ts';

describe('a request that has to end early', () => {
  test.each<[string, boolean, string, number]>([
    ['a stream gets an error event', true, hello.slice(0, 300), 200],
    ['a stream before its first chunk the status', true, '', 401],
    ['a JSON answer the status', false, hello.slice(0, 300), 401],
  ])('%s, and the engine stops', async (_, stream, text, expected) => {
    const { url, upstreams, router, running, deployments } = await serve([hang(text)]);
    const answer = post(url, { stream }).then(async (response) => ({
      status: response.status,
      text: await response.text(),
    }));
    await expect.poll(() => upstreams[0]?.received.length).toBe(1);
    await sleep(50);
    running.end(new ApiError('invalid_api_key', 'It was revoked.'));
    const got = await answer;
    expect(got.status).toBe(expected);
    const last = expected === 200 ? (dataOf(got.text).at(-1) ?? '') : got.text;
    expect(JSON.parse(last)).toEqual({
      error: {
        message: 'It was revoked.',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
    });
    expect(got.text).not.toContain('[DONE]');
    expect(await upstreams[0]?.received[0]?.closed).toEqual({ aborted: true });
    expect(router.inFlight(deployments[0]?.id ?? '')).toBe(0);
  });

  test('because the server stops is not given to another deployment', async () => {
    const { url, upstreams, running } = await serve([hang(''), bytes(hello)]);
    const answer = post(url);
    await expect.poll(() => upstreams[0]?.received.length).toBe(1);
    running.end(new ApiError('server_draining', 'It stops.'));
    expect(await errorOf(await answer)).toMatchObject({ status: 503, code: 'server_draining' });
    expect(upstreams[1]?.received).toEqual([]);
  });
});

describe('a client that leaves', () => {
  test.each([
    ['a stream', true, hello.slice(0, 300)],
    ['a stream before its first chunk', true, ''],
    ['a JSON answer', false, hello.slice(0, 300)],
  ])('of %s stops the engine within 100 ms', { retry: 2 }, async (_, stream, text) => {
    const { url, upstreams, router, deployments } = await serve([hang(text)]);
    const client = new AbortController();
    const answer = post(url, { stream }, client.signal).then((response) => response.text());
    await expect.poll(() => upstreams[0]?.received.length).toBe(1);
    await sleep(50);
    const leftMs = performance.now();
    client.abort();
    await expect(answer).rejects.toThrow('aborted');
    expect(await upstreams[0]?.received[0]?.closed).toEqual({ aborted: true });
    expect(performance.now() - leftMs).toBeLessThan(100);
    await expect.poll(() => router.inFlight(deployments[0]?.id ?? '')).toBe(0);
  });
});
