import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createInvite } from '../members/invites.ts';
import { attemptLimits } from './attempts.ts';
import { testPassword, testSignIn, type TestSignIn } from './server.testing.ts';

let server: TestSignIn;

beforeAll(async () => {
  server = await testSignIn();
});
afterAll(() => server.close());

test('100 people who make their passwords at once leave the database to other requests', async () => {
  const { organizationId } = server.project;
  const actor = { kind: 'session', id: 'test' } as const;
  const invites = await Promise.all(
    Array.from({ length: 100 }, (_, number) =>
      createInvite(server.database.kysely, {
        organizationId,
        email: `person-${number}@example.com`,
        role: 'viewer',
        actor,
        actorRole: 'owner',
      }),
    ),
  );
  const over = new AbortController();
  const startedMs = performance.now();
  const rush = Promise.all(
    invites.map(async ({ token }, number) => {
      const body = { token, name: `Person ${number}`, password: testPassword };
      return (await server.send('POST', '/auth/accept-invite', body)).status;
    }),
  ).finally(() => over.abort());
  // All of them have passed the count of attempts by then.
  await sleep(300);
  const waitsMs: number[] = [];
  while (!over.signal.aborted) {
    const askedMs = performance.now();
    const headers = { authorization: `Bearer ${server.adminKey}` };
    const answer = await server.send('GET', '/v1/organization/projects', undefined, headers);
    expect(answer.status).toBe(200);
    waitsMs.push(performance.now() - askedMs);
    await sleep(20);
  }
  const statuses = Map.groupBy(await rush, (status) => status);
  const rushMs = performance.now() - startedMs;
  console.log(
    `100 passwords at once: ${Math.round(rushMs)} ms, other requests waited ${Math.round(Math.max(...waitsMs))} ms at most`,
  );
  // From one address, which is let try so often in a minute.
  expect(statuses.get(200)).toHaveLength(attemptLimits.address.most);
  expect(statuses.get(429)).toHaveLength(100 - attemptLimits.address.most);
  // In one line with the people, they wait for a third of the rush.
  expect(Math.max(...waitsMs)).toBeLessThan(Math.max(500, rushMs / 10));
}, 60_000);
