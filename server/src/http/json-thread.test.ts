import { ApiError } from '@weai/protocol/errors';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { silentLog } from '../db/testing.ts';
import { answerErrors } from '../errors.ts';
import { acceptJsonBodies } from './json-body.ts';
import { JsonThread } from './json-thread.ts';
import { parseJson } from './parse-json.ts';

/** Twenty megabytes that are slow to read: every second character is escaped. */
const large = JSON.stringify({ text: '"\n'.repeat(5_000_000), more: [1, null, { a: 'é😀' }] });

test('what comes back is what parseJson gives, also for a refusal and for part of a buffer', async () => {
  const thread = new JsonThread();
  const part = Buffer.from('  {"a":[1]}').subarray(2);
  const [value, refusal, small] = await Promise.all([
    thread.parse(Buffer.from(large)),
    thread.parse(Buffer.from('{"x":{"a":1,"a":2}}')).catch((error: unknown) => error),
    thread.parse(part),
  ]);
  expect(value).toEqual(JSON.parse(large));
  expect(refusal).toBeInstanceOf(ApiError);
  expect(refusal).toMatchObject({ code: 'invalid_json', param: 'x.a', status: 400 });
  expect(small).toEqual({ a: [1] });
});

test('the thread that asks has a fifth of the work', async () => {
  const thread = new JsonThread();
  await thread.parse(Buffer.from('1'));
  const cpuOf = async (work: () => unknown): Promise<number> => {
    const before = process.threadCpuUsage();
    await work();
    const { user, system } = process.threadCpuUsage(before);
    return user + system;
  };
  const bytes = [Buffer.from(large), Buffer.from(large)] as const;
  const alone = await cpuOf(() => parseJson(bytes[0]));
  expect(await cpuOf(() => thread.parse(bytes[1]))).toBeLessThan(alone / 5);
});

test('a large body is read and refused as a small one is', async () => {
  const app = fastify({ bodyLimit: 64 * 1024 * 1024 });
  answerErrors(app, silentLog);
  acceptJsonBodies(app);
  app.post('/', (request) => ({ read: JSON.stringify(request.body).length }));
  const post = (body: string) =>
    app.inject({ method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, body });
  expect((await post(large)).json()).toEqual({ read: large.length });
  const refused = await post(large.replace('null', 'nul'));
  expect(refused.statusCode).toBe(400);
  expect(refused.json()).toMatchObject({ error: { code: 'invalid_json', param: null } });
  await app.close();
});
