import { setTimeout as sleep } from 'node:timers/promises';
import { parseChatRequest } from '@weai/protocol/parse-chat-request';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { descriptionProblems } from '../administration/description.testing.ts';
import { storedRoutes } from '../chat/stored-routes.ts';
import { chatServer, post } from '../chat/testing.ts';
import type { Database } from '../db/open.ts';
import { openTestDatabase, silentLog } from '../db/testing.ts';
import {
  bytes,
  chunk,
  events,
  type Script,
  ScriptedUpstream,
  usage,
} from '../engines/testing/scripted-upstream.ts';
import { type Metering, unmetered } from '../ledger/metering.ts';
import { updateProject } from '../projects/administration.ts';
import { ContentPolicies } from './policies.ts';
import { ContentRecorder } from './recorder.ts';
import { findContent, sweepContents } from './store.ts';

const answering: Script = bytes(
  events(
    chunk({ role: 'assistant', content: 'Because ' }),
    chunk({ content: 'of Rayleigh.' }),
    chunk({}, 'stop'),
    usage(9, 3),
  ),
);
const organizationId = 'organization-1';
const projectId = 'project-1';
const actor = { kind: 'session', id: 'test' } as const;

let database: Database;
let upstream: ScriptedUpstream;
let server: Awaited<ReturnType<typeof chatServer>>;
let recorder: ContentRecorder;
const policies = new ContentPolicies();
let rows = 0;

/** Meters nothing, but names the rows that a ledger would have. */
const counted: Metering = {
  reserve: async (request) => ({ ...(await unmetered.reserve(request)), id: `row-${(rows += 1)}` }),
};

beforeAll(async () => {
  database = await openTestDatabase();
  const { kysely } = database;
  await kysely.insertInto('organizations').values({ id: organizationId, name: 'o' }).execute();
  for (const id of [projectId, 'project-2'])
    await kysely.insertInto('projects').values({ id, organization_id: organizationId, name: id }).execute();
  upstream = await new ScriptedUpstream(answering).listen();
  recorder = new ContentRecorder({ kysely, policies, log: silentLog, intervalMs: 5 });
  server = await chatServer([upstream.deployment()], { metering: counted, contents: recorder }, (app) =>
    storedRoutes(app, { kysely }),
  );
});
afterAll(async () => {
  await server.app.close();
  await recorder.stop();
  await upstream.close();
  await database.close();
});
beforeEach(async () => {
  upstream.script = answering;
  await storeContent(true);
});

async function storeContent(on: boolean, retentionDays = 30): Promise<void> {
  const change = { storeContent: on, contentRetentionDays: retentionDays };
  await updateProject(database.kysely, { organizationId, id: projectId, ...change, actor });
  policies.replace(on ? [projectId] : []);
}

/** The content of the last request, once it is there. */
async function lastContent() {
  const id = `row-${rows}`;
  await expect
    .poll(() => findContent(database.kysely, { projectId, id }), { timeout: 5000, interval: 10 })
    .toBeDefined();
  return findContent(database.kysely, { projectId, id });
}

async function send(method: string, path: string, body?: object) {
  const answer = await fetch(server.url + path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of any shape, and fail where it is another
  const parsed: any = await answer.json();
  return { status: answer.status, body: parsed };
}

describe('a project that stores content', () => {
  test.each([false, true])('keeps request and answer, stream: %s', async (stream) => {
    const answer = await post(server.url, { stream, temperature: 0.5, metadata: { topic: 'sky' } });
    await answer.text();
    expect(await lastContent()).toMatchObject({
      model: 'test-model',
      request: { model: 'm', messages: [{ role: 'user', content: 'hi' }], temperature: 0.5 },
      answer: {
        object: 'chat.completion',
        choices: [{ message: { content: 'Because of Rayleigh.' }, finish_reason: 'stop' }],
      },
      truncated: false,
      stored: false,
      metadata: { topic: 'sky' },
    });
  });

  test('keeps the part that a stopped answer had', async () => {
    upstream.script = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(events(chunk({ role: 'assistant', content: 'Beca' })).replace(/data: \[DONE\]\n\n/, ''));
      await sleep(5000, undefined, { ref: false });
    };
    const stop = new AbortController();
    const answer = await post(server.url, { stream: true }, stop.signal);
    await answer.body?.getReader().read();
    stop.abort();
    expect(await lastContent()).toMatchObject({
      answer: { choices: [{ message: { content: 'Beca' }, finish_reason: null }] },
      stored: false,
    });
  });

  test('keeps what was asked when nothing answered', async () => {
    upstream.script = (response) => void response.writeHead(500).end('{}');
    expect((await post(server.url)).status).toBe(502);
    expect(await lastContent()).toMatchObject({ request: { messages: [{ content: 'hi' }] }, answer: null });
  });

  test('keeps none from when it is turned off, and nothing of before', async () => {
    await (await post(server.url)).text();
    await lastContent();
    // Another server has not heard yet: its contents must not slip in.
    const change = { organizationId, id: projectId, storeContent: false, actor };
    await updateProject(database.kysely, change);
    await (await post(server.url)).text();
    await sleep(100);
    const left = await database.kysely.selectFrom('request_contents').select('id').execute();
    expect(left).toEqual([]);
  });

  test('keeps them for as many days as it says', async () => {
    await (await post(server.url)).text();
    const kept = await lastContent();
    const age = async (days: number) =>
      database.kysely
        .updateTable('request_contents')
        .set({ created_at: new Date(Date.now() - days * 86_400_000) })
        .where('id', '=', kept?.id ?? '')
        .execute();
    await age(6.9);
    await storeContent(true, 7);
    expect(await sweepContents(database.kysely)).toBe(0);
    await age(7.1);
    expect(await sweepContents(database.kysely)).toBe(1);
  });
});

test('contents that find no room while the database takes none are lost, and told of', async () => {
  const identity = { keyId: 'k', projectId, organizationId };
  const asked = parseChatRequest({ model: 'm', messages: [{ role: 'user', content: 'x'.repeat(900) }] });
  const options = {
    kysely: database.kysely,
    policies,
    log: silentLog,
    intervalMs: 200,
    mostWaitingBytes: 3000,
  };
  const full = new ContentRecorder(options);
  const ids = Array.from({ length: 4 }, (_, index) => `full-${index}`);
  for (const id of ids) {
    const recording = full.record(identity, asked);
    recording?.settled(id, 'm', false);
    recording?.end();
  }
  await expect.poll(() => full.problem).toBe('the contents of 2 requests could not be kept');
  await expect.poll(() => full.problem, { timeout: 5000 }).toBeNull();
  await full.stop();
  const kept = await database.kysely
    .selectFrom('request_contents')
    .select('id')
    .where('id', 'in', ids)
    .execute();
  expect(kept.map(({ id }) => id).toSorted()).toEqual(['full-0', 'full-1']);
});

describe('stored completions', () => {
  const stored = async (fields: object = {}) => {
    const answer = await post(server.url, { store: true, ...fields });
    expect(answer.status).toBe(200);
    const completion = JSON.parse(await answer.text());
    await lastContent();
    return completion;
  };

  test('are refused where the project stores nothing', async () => {
    await storeContent(false);
    const { status, body } = await send('POST', '', {
      model: 'm',
      messages: [{ role: 'user', content: 'x' }],
      store: true,
    });
    expect([status, body.error.code, body.error.param]).toEqual([400, 'unsupported_value', 'store']);
  });

  test('are shown, changed and deleted', async () => {
    const made = await stored({ metadata: { topic: 'sky' } });
    const { body: shown } = await send('GET', `/${made.id}`);
    expect(shown).toEqual(made);
    expect(descriptionProblems('CreateChatCompletionResponse', shown)).toEqual([]);
    const { body: changed } = await send('POST', `/${made.id}`, { metadata: { topic: 'sea' } });
    expect(changed).toEqual({ ...made, metadata: { topic: 'sea' } });
    expect((await send('GET', `/${made.id}`)).body).toEqual(changed);
    const { body: gone } = await send('DELETE', `/${made.id}`);
    expect(descriptionProblems('ChatCompletionDeleted', gone)).toEqual([]);
    for (const method of ['GET', 'DELETE']) expect((await send(method, `/${made.id}`)).status).toBe(404);
  });

  test('are listed in pages, by model and metadata, without others', async () => {
    await storeContent(false);
    await storeContent(true);
    await (await post(server.url, { store: false })).text();
    const ids: string[] = [];
    for (const topic of ['sky', 'sea', 'sky']) ids.push((await stored({ metadata: { topic } })).id);
    const listed = async (query: string) => {
      const { status, body } = await send('GET', query);
      expect([status, descriptionProblems('ChatCompletionList', body)]).toEqual([200, []]);
      return { ids: body.data.map(({ id }: { id: string }) => id), more: body.has_more };
    };
    expect(await listed('?limit=2')).toEqual({ ids: ids.slice(0, 2), more: true });
    expect(await listed(`?limit=2&after=${ids[1]}`)).toEqual({ ids: ids.slice(2), more: false });
    expect(await listed('?order=desc')).toEqual({ ids: ids.toReversed(), more: false });
    expect(await listed('?metadata[topic]=sky')).toEqual({ ids: [ids[0], ids[2]], more: false });
    expect((await send('GET', '?model=other')).body.data).toEqual([]);
    expect(await listed('?model=test-model')).toEqual({ ids, more: false });
  });

  test('tell their messages', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Why?' }] },
    ];
    const { id } = await stored({ messages });
    const { body } = await send('GET', `/${id}/messages`);
    expect(body).toMatchObject({
      data: [
        { id: `${id}-0`, role: 'system', content: 'Be brief.', content_parts: null },
        { id: `${id}-1`, role: 'user', content: 'Why?', content_parts: [{ type: 'text', text: 'Why?' }] },
      ],
      has_more: false,
    });
    const { body: last } = await send('GET', `/${id}/messages?order=desc&limit=1`);
    expect([last.data[0].id, last.has_more]).toEqual([`${id}-1`, true]);
    const { body: rest } = await send('GET', `/${id}/messages?after=${id}-0`);
    expect(rest.data.map((message: { id: string }) => message.id)).toEqual([`${id}-1`]);
  });

  test('of another project are not found', async () => {
    const { id } = await stored();
    await updateProject(database.kysely, { organizationId, id: 'project-2', storeContent: true, actor });
    await database.kysely.updateTable('request_contents').set({ project_id: 'project-2' }).execute();
    for (const [method, path, body] of [
      ['GET', `/${id}`],
      ['DELETE', `/${id}`],
      ['POST', `/${id}`, { metadata: {} }],
      ['GET', `/${id}/messages`],
    ] as const)
      expect(`${method} ${(await send(method, path, body)).status}`).toBe(`${method} 404`);
    expect((await send('GET', '')).body.data).toEqual([]);
    expect((await send('GET', `?after=${id}`)).body.error.param).toBe('after');
  });

  test.each([
    ['GET', '?limit=0', undefined, 'limit'],
    ['GET', '?order=up', undefined, 'order'],
    ['GET', '?after=none', undefined, 'after'],
    ['GET', '?metadata=x', undefined, 'metadata'],
    ['GET', `?metadata[a]=${'x'.repeat(513)}`, undefined, 'metadata.a'],
    ['GET', '?colour=blue', undefined, 'colour'],
    ['POST', '/chatcmpl-1', {}, 'metadata'],
    ['POST', '/chatcmpl-1', { metadata: { a: 1 } }, 'metadata.a'],
    ['POST', '/chatcmpl-1', { metadata: {}, model: 'm' }, 'model'],
  ])('%s %s is refused', async (method, path, body, param) => {
    const { status, body: refused } = await send(method, path, body);
    expect([status, refused.error.param]).toEqual([400, param]);
  });
});
