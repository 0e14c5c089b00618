import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey } from '../server/src/keys/keys.ts';
import { ensureProject } from '../server/src/projects/projects.ts';
import { withDatabase } from './platform/database.ts';
import { Installation } from './platform/server.ts';
import { type PacedUpstream, startUpstream } from './platform/upstream.ts';

const projects = 4;
const clientsOfEach = 4;
const requestsOfEach = 40;

let upstream: PacedUpstream;
let installation: Installation;
beforeAll(async () => {
  upstream = await startUpstream();
  upstream.paceMs = 1;
  // Answers with what it was asked, cut where a canary may be cut.
  upstream.echo = (body) => (/canary-[^"]*/.exec(body)?.[0] ?? '').match(/.{1,7}/g) ?? [];
  installation = new Installation(upstream.url);
  await installation.start();
});
afterAll(async () => {
  await installation.stop();
  await upstream.close();
  installation.remove();
});

test('16 clients of 4 projects, a third of whose requests are left: no canary reaches another project', async () => {
  const keys = await withDatabase({ dataDir: installation.dataDir, databaseUrl: null }, ({ kysely }) =>
    Promise.all(
      Array.from({ length: projects }, async (_, index) => {
        const project = await ensureProject(kysely, `tenant-${index}`);
        return (await createKey(kysely, { projectId: project.id, name: 'tenant' })).key;
      }),
    ),
  );
  await sleep(1000);
  let whole = 0;
  let left = 0;
  const crossed: string[] = [];
  const client = async (project: number): Promise<void> => {
    for (let number = 0; number < requestsOfEach; number += 1) {
      const canary = `canary-${project}-${randomUUID()}`;
      const leaves = number % 3 === 2;
      const leaving = new AbortController();
      if (leaves) setTimeout(() => leaving.abort(), number % 9);
      const text = await installation
        .post(`canary-request-${number}`, {
          signal: leaving.signal,
          headers: {
            authorization: `Bearer ${keys[project] ?? ''}`,
            // The same keys in all projects: none may answer for another.
            ...(number % 4 === 1 ? { 'idempotency-key': `key-${number}` } : {}),
          },
          body: {
            messages: [{ role: 'user', content: number % 4 === 1 ? `canary-${project}-shared` : canary }],
          },
        })
        .then((answer) => answer.text())
        .catch((error: unknown) => {
          if (!leaves) throw error;
          return '';
        });
      const said = [...text.matchAll(/"content":"([^"]*)"/g)].map(([, content]) => content).join('');
      if (text.endsWith('data: [DONE]\n\n')) whole += 1;
      else left += 1;
      const own = number % 4 === 1 ? `canary-${project}-shared` : canary;
      if (!own.startsWith(said) || (text.includes('[DONE]') && said !== own)) crossed.push(`${own}: ${said}`);
    }
  };
  await Promise.all(Array.from({ length: projects * clientsOfEach }, (_, index) => client(index % projects)));
  console.log(
    `canaries of ${projects} projects at ${projects * clientsOfEach} ways: ${whole} answered in full, ${left} left, ${crossed.length} crossed`,
  );
  expect(crossed).toEqual([]);
  expect(whole).toBeGreaterThan(300);
  expect(left).toBeGreaterThan(50);
});
