import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { OpenAI } from 'openai';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { ask, baseUrl, client, clients, makeClient, model } from '../platform/clients.ts';
import { WeAI } from 'weai';

const { dataDirectory } = inject('server');

test('a project that stores nothing refuses `store` by its name', async () => {
  const refused = client.chat.completions.create({ model, messages: ask('Hi'), store: true });
  await expect(refused).rejects.toMatchObject({ status: 400, param: 'store' });
});

describe.runIf(dataDirectory !== null)('a project that stores content', () => {
  let apiKey: string;

  beforeAll(async () => {
    const adminKey = readFileSync(path.join(dataDirectory ?? '', 'admin-key'), 'utf8').trim();
    const administer = async (resource: string, body: object): Promise<Record<string, unknown>> => {
      const answer = await fetch(`${baseUrl}/organization/projects${resource}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const parsed: Record<string, unknown> = JSON.parse(await answer.text());
      expect([answer.status, parsed['error']]).toEqual([200, undefined]);
      return parsed;
    };
    const { id } = await administer('', { name: `storing-${Date.now()}` });
    const project = await administer(`/${String(id)}`, { store_content: true });
    expect(project['store_content']).toBe(true);
    apiKey = String((await administer(`/${String(id)}/api_keys`, { name: 'storing' }))['value']);
  });

  test.each(clients.map(([name]) => name))('keeps completions for the client of %s', async (client) => {
    const name = `${client}-${Date.now()}`;
    const storing = makeClient(client === 'weai' ? WeAI : (await import('openai')).OpenAI, { apiKey });
    const made: OpenAI.ChatCompletion[] = [];
    for (const topic of ['sky', 'sea', 'sky'])
      made.push(
        await storing.chat.completions.create({
          model,
          messages: ask(`Say ${topic}`),
          max_completion_tokens: 4,
          store: true,
          metadata: { topic, name },
        }),
      );
    const ids = made.map(({ id }) => id);
    const stored = storing.chat.completions;
    // They are written after the answer. An empty list has no `first_id`, which the description doesn't foresee.
    const isStored = (id: string): Promise<boolean> =>
      stored.retrieve(id).then(
        () => true,
        () => false,
      );
    await expect.poll(() => Promise.all(ids.map(isStored)), { timeout: 10_000 }).toEqual([true, true, true]);
    expect(await listedIds(stored, { metadata: { name } })).toEqual(ids);
    expect(await listedIds(stored, { metadata: { name }, limit: 1 })).toEqual(ids);
    expect(await listedIds(stored, { metadata: { name, topic: 'sky' }, order: 'desc' })).toEqual([
      ids[2],
      ids[0],
    ]);

    const [first] = made;
    const id = first?.id ?? '';
    expect(await stored.retrieve(id)).toEqual(first);
    const changed = await stored.update(id, { metadata: { topic: 'land' } });
    expect(changed).toEqual({ ...first, metadata: { topic: 'land' } });
    const messages = (await stored.messages.list(id)).data;
    expect(messages).toMatchObject([{ id: `${id}-0`, role: 'user', content: 'Say sky' }]);
    expect(await stored.delete(id)).toEqual({ object: 'chat.completion.deleted', id, deleted: true });
    await expect(stored.retrieve(id)).rejects.toMatchObject({ status: 404 });
  });
});

async function listedIds(
  stored: OpenAI['chat']['completions'],
  query: OpenAI.ChatCompletionListParams,
): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of stored.list(query)) ids.push(id);
  return ids;
}
