import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, testPlayground, type TestPlayground } from './testing.ts';

let server: TestPlayground;
beforeAll(async () => {
  server = await testPlayground();
});
afterAll(() => server.close());

const question = { id: 'm1', parent_id: null, role: 'user', content: 'Why is the sky blue?' };
const answer = {
  id: 'm2',
  parent_id: 'm1',
  role: 'assistant',
  content: 'Rayleigh scattering.',
  model: 'smollm2-135m',
  metrics: {
    time_to_first_token_ms: 40.5,
    tokens_per_second: 31,
    usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
    cost_usd: '0.000012',
    finish_reason: 'stop',
  },
};

async function made(person: Person, body: object = {}, list = '/conversations') {
  const { status, body: document } = await server.send(person, 'POST', list, body);
  expect([status, document.error]).toEqual([200, undefined]);
  return document;
}

async function titles(person: Person, query: string, list = '/conversations'): Promise<string[]> {
  const { status, body } = await server.send(person, 'GET', `${list}?${query}`);
  expect(status).toBe(200);
  return body.data.map(({ title }: { title: string }) => title);
}

describe('a conversation', () => {
  test('is made, shown, changed and deleted', async () => {
    const first = await made('ann', {
      title: 'Sky',
      settings: { model: 'auto', temperature: 0.2, system: 'Be brief.' },
    });
    expect(first).toMatchObject({
      object: 'playground.conversation',
      version: 1,
      visibility: 'private',
      created_by: 'ann',
      created_by_name: "Ann's key",
      can_edit: true,
      messages: [],
      active_message_id: null,
    });
    const path = `/conversations/${first.id}`;
    const change = { version: 1, messages: [question, answer], active_message_id: 'm2' };
    const { body: second } = await server.send('ann', 'POST', path, change);
    expect(second).toMatchObject({
      version: 2,
      title: 'Sky',
      settings: { model: 'auto', temperature: 0.2, system: 'Be brief.' },
      models: ['smollm2-135m'],
      message_count: 2,
    });
    expect((await server.send('ann', 'GET', path)).body).toEqual(second);
    expect(second.messages).toEqual([question, answer]);
    const gone = await server.send('ann', 'DELETE', path);
    expect(gone.body).toEqual({ id: first.id, object: 'playground.conversation.deleted', deleted: true });
    expect((await server.send('ann', 'GET', path)).status).toBe(404);
    expect((await server.send('ann', 'DELETE', path)).status).toBe(404);
  });

  test('that changed meanwhile refuses a change to its old version', async () => {
    const { id } = await made('ann');
    const path = `/conversations/${id}`;
    const changes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        server.send('ann', 'POST', path, { version: 1, title: `change ${index}` }),
      ),
    );
    const won = changes.filter(({ status }) => status === 200);
    const lost = changes.filter(({ status }) => status === 409);
    expect([won.length, lost.length]).toEqual([1, 19]);
    expect(lost[0]?.body.error).toMatchObject({ code: 'version_conflict', param: 'version' });
    const { body } = await server.send('ann', 'GET', path);
    expect(body).toEqual(won[0]?.body);
    expect(body.version).toBe(2);
  });
});

describe('who sees what', () => {
  test('a private one is not found by others of the project', async () => {
    const { id } = await made('ann', { title: 'mine alone' });
    for (const person of ['bob', 'eve'] as const) {
      expect((await server.send(person, 'GET', `/conversations/${id}`)).status).toBe(404);
      expect((await server.send(person, 'POST', `/conversations/${id}`, { version: 1 })).status).toBe(404);
      expect((await server.send(person, 'DELETE', `/conversations/${id}`)).status).toBe(404);
      expect(await titles(person, 'query=mine')).toEqual([]);
    }
  });

  test('one for the project is read by all of it and changed by who made it', async () => {
    const { id } = await made('ann', { title: 'for us', visibility: 'project' });
    const path = `/conversations/${id}`;
    expect((await server.send('bob', 'GET', path)).body).toMatchObject({
      can_edit: false,
      created_by: 'ann',
    });
    const change = await server.send('bob', 'POST', path, { version: 1, title: 'taken' });
    expect([change.status, change.body.error.code]).toEqual([403, 'insufficient_permissions']);
    expect((await server.send('bob', 'DELETE', path)).status).toBe(403);
    expect(await titles('bob', 'visibility=project&query=us')).toEqual(['for us']);
    expect((await server.send('eve', 'GET', path)).status).toBe(404);
    expect((await server.send('eve', 'POST', path, { version: 1, title: 'x' })).status).toBe(404);
    expect((await server.send('eve', 'DELETE', path)).status).toBe(404);
    expect(await titles('eve', 'query=us')).toEqual([]);
  });

  test('kinds are apart', async () => {
    const { id } = await made('ann', { title: 'p' }, '/presets');
    expect((await server.send('ann', 'GET', `/conversations/${id}`)).status).toBe(404);
    expect(await titles('ann', 'query=p', '/presets')).toEqual(['p']);
  });
});

describe('lists', () => {
  test('show the last changed first, page by page, each once, also when one goes meanwhile', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 7; index++) ids.push((await made('eve', { title: `t${index}` })).id);
    await server.send('eve', 'POST', `/conversations/${ids[2]}`, { version: 1, title: 'changed' });
    const first = (await server.send('eve', 'GET', '/conversations?limit=3')).body;
    expect(first.data.map(({ title }: { title: string }) => title)).toEqual(['changed', 't6', 't5']);
    expect(first.data[0]).not.toHaveProperty('messages');
    await server.send('eve', 'DELETE', `/conversations/${ids[5]}`);
    const second = (await server.send('eve', 'GET', `/conversations?limit=3&after=${first.next_cursor}`))
      .body;
    expect(second.data.map(({ title }: { title: string }) => title)).toEqual(['t4', 't3', 't1']);
    const third = (await server.send('eve', 'GET', `/conversations?limit=3&after=${second.next_cursor}`))
      .body;
    expect(third).toMatchObject({ data: [{ title: 't0' }], has_more: false, next_cursor: null });
  });

  test.each([
    ['sky', ['blue day']],
    ['SKY bl', ['blue day']],
    ['sky green', []],
    ['cafe', ['Crème']],
    ['東京', ['日本']],
    ['京の天', ['日本']],
    ['大阪', []],
    ["o'brien", ['quotes']],
    ["' & 'x':* | !\\", []],
    ['!!!', []],
  ])('find "%s" in titles and messages', async (query, expected) => {
    if (!(await titles('bob', 'limit=100')).includes('blue day')) {
      const said = (content: string) => ({ messages: [{ ...question, content }] });
      await made('bob', { title: 'blue day', ...said('Why is the sky like that?') });
      await made('bob', { title: 'Crème', ...said('One more café, please') });
      await made('bob', { title: '日本', ...said('東京の天気は？') });
      await made('bob', { title: 'quotes', ...said("Ask O'Brien, or O’Brien") });
    }
    expect(await titles('bob', `query=${encodeURIComponent(query)}`)).toEqual(expected);
  });
});

describe('bad input', () => {
  const message = (fields: object) => ({ messages: [{ ...question, ...fields }] });
  test.each([
    [{ title: '' }, 400, 'title'],
    [{ title: 't'.repeat(201) }, 400, 'title'],
    [{ title: 'a\u0007b' }, 400, 'title'],
    [{ colour: 'blue' }, 400, 'colour'],
    [{ visibility: 'world' }, 400, 'visibility'],
    [{ settings: { temperature: 3 } }, 400, 'settings.temperature'],
    [{ settings: { messages: [] } }, 400, 'settings.messages'],
    [message({ parent_id: 'm1' }), 400, 'messages.0.parent_id'],
    [message({ parent_id: 'other' }), 400, 'messages.0.parent_id'],
    [message({ id: '../x' }), 400, 'messages.0.id'],
    [message({ role: 'root' }), 400, 'messages.0.role'],
    [message({ metrics: { cost_usd: '1e9' } }), 400, 'messages.0.metrics.cost_usd'],
    [message({ metrics: { tokens_per_second: -1 } }), 400, 'messages.0.metrics.tokens_per_second'],
    [{ messages: [question, question] }, 400, 'messages.1.id'],
    [{ messages: [question], active_message_id: 'm9' }, 400, 'active_message_id'],
    [{ messages: Array.from({ length: 1001 }, (_, at) => ({ ...question, id: `m${at}` })) }, 400, 'messages'],
    [message({ content: 'x'.repeat(4 * 1024 * 1024) }), 413, null],
    [message({ content: 'x'.repeat(7 * 1024 * 1024) }), 413, null],
    ['{"title": "a", "title": "b"}', 400, 'title'],
    ['{"__proto__": {"title": "x"}}', 400, '__proto__'],
    ['{"title": "\\u0000"}', 400, 'title'],
    ['{"title": "\\ud800"}', 400, 'title'],
    ['[]', 400, null],
    ['null', 400, null],
    ['', 400, null],
  ])('%j', async (body, status, param) => {
    const refused = await server.send('ann', 'POST', '/conversations', body);
    expect([refused.status, refused.body.error.param]).toEqual([status, param]);
    expect(refused.body.error.message).toMatch(/\.$/);
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=1e1', 'limit'],
    ['after=made-up', 'after'],
    ['after=MS54=', 'after'],
    [`after=${Buffer.from('9999999999999999.x').toString('base64url')}`, 'after'],
    ['after=%00', 'after'],
    [`query=${'q'.repeat(257)}`, 'query'],
    ['query=a&query=b', 'query'],
    ['colour=blue', 'colour'],
  ])('?%s', async (query, param) => {
    const refused = await server.send('ann', 'GET', `/conversations?${query}`);
    expect([refused.status, refused.body.error.param]).toEqual([400, param]);
  });

  test.each([{ version: 0 }, { version: '1' }, { version: 1.5 }, {}, { version: 2 ** 40 }])(
    'the version %j',
    async (body) => {
      const { id } = await made('ann');
      const refused = await server.send('ann', 'POST', `/conversations/${id}`, body);
      expect([refused.status, refused.body.error.param]).toEqual([400, 'version']);
    },
  );

  test.each(['..%2f..', '%00', 'x'.repeat(300), "'--", 'conversation-00000000-0000-0000-0000-000000000000'])(
    'the id %s',
    async (id) => {
      for (const method of ['GET', 'DELETE'] as const) {
        const { status, body } = await server.send('ann', method, `/conversations/${id}`);
        expect([status, body.error.code]).toEqual([404, 'not_found']);
      }
    },
  );
});
