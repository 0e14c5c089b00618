import { describe, expect, test } from 'vitest';
import { client, clients } from '../platform/clients.ts';

describe.each(clients)('models with %s', (_name, client) => {
  test('lists the catalogue with complete objects', async () => {
    const list = await client.models.list();
    const models = new Map(list.data.map((model) => [model.id, model]));
    for (const id of ['llama3.1-8B', 'llama3.1-70B', 'smollm2-135m']) {
      expect(models.get(id), id).toMatchObject({
        id,
        object: 'model',
        owned_by: expect.stringMatching(/\w/),
      });
      expect(models.get(id)?.created, id).toBeGreaterThan(1_600_000_000);
    }
  });

  test.each(['llama3.1-8B', 'smollm2-135m', 'scripted'])('retrieves %s as listed', async (id) => {
    const listed = (await client.models.list()).data.find((model) => model.id === id);
    expect(await client.models.retrieve(id)).toEqual(listed);
  });
});

test.each(['gpt-4o', 'llama3.1-8b', 'a/b:c', '%2e%2e', ' '])('there is no model "%s"', async (id) => {
  const refused = client.models.retrieve(id);
  await expect(refused).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
});
