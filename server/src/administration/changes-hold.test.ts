import { afterAll, beforeAll, expect, test } from 'vitest';
import { testSignIn, type TestSignIn } from '../sign-in/server.testing.ts';

let server: TestSignIn;
beforeAll(async () => {
  server = await testSignIn();
});
afterAll(() => server.close());

/** Sends a request with a key and tells the status. */
async function statusOf(method: string, path: string, key: string): Promise<number> {
  return (await server.send(method, path, undefined, { authorization: `Bearer ${key}` })).status;
}

// A notification takes a moment: ten times, so that one that is only mostly in time is found out.
test('a key works as soon as its maker has it, and not once it is deleted', async () => {
  const admin = { authorization: `Bearer ${server.adminKey}` };
  for (const [list, use] of [
    [`/v1/organization/projects/${server.project.id}/api_keys`, '/v1/models'],
    ['/v1/organization/admin_api_keys', '/v1/organization/projects'],
  ] as const) {
    const statuses: number[][] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      const { body } = await server.send('POST', list, { name: `key ${turn}` }, admin);
      const made = await statusOf('GET', use, body.value);
      await server.send('DELETE', `${list}/${body.id}`, undefined, admin);
      statuses.push([made, await statusOf('GET', use, body.value)]);
    }
    expect(statuses).toEqual(Array.from({ length: 10 }, () => [200, 401]));
  }
});
