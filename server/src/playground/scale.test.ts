import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testPlayground, type TestPlayground } from './testing.ts';

/** Conversations of ann in her project, as many in eve's, and a tenth of that private to bob. */
const conversations = 10_000;
const mostMs = 50;

let server: TestPlayground;
beforeAll(async () => {
  server = await testPlayground();
  // 60 words of 3,000 for each, the first ones often; `rare` in one of a thousand.
  await sql`
    insert into playground_documents
      (id, kind, project_id, creator_id, visibility, title, summary, content, search, created_at, updated_at)
    select 'conversation-' || n, 'conversation', project_id, creator_id, 'private', 'Conversation ' || n,
      '{"models": ["smollm2-135m"], "message_count": 8}', '{"settings": {}, "messages": [], "active_message_id": null}',
      array_to_tsvector(array['conversation:' || project_id, 'conversation', n::text]
        || array(select 'word' || floor(3000 * power(random(), 2 + n % 2))::int from generate_series(1, 60))
        || case when n % 1000 = 7 then array['rare'] else array[]::text[] end),
      at, at
    from generate_series(1, ${conversations * 2 + conversations / 10}::int) as n,
      lateral (select case when n % 21 < 10 then 'proj-blue' when n % 21 < 20 then 'proj-red' else 'proj-blue' end as project_id,
        case when n % 21 < 10 then 'ann' when n % 21 < 20 then 'eve' else 'bob' end as creator_id,
        now() - interval '1 minute' * ((n * 7919) % 500000) as at) as who`.execute(server.database.kysely);
  await sql`vacuum analyze playground_documents`.execute(server.database.kysely);
}, 120_000);
afterAll(() => server.close());

test.each([
  ['the first page', 'ann', 'limit=50'],
  ['a page of one who sees few of many', 'bob', 'limit=50'],
  ['the project’s, of which there are none', 'ann', 'visibility=project'],
  ['a word that most have', 'ann', 'query=word0'],
  ['a word that few have', 'ann', 'query=rare'],
  ['a word that nobody has', 'ann', 'query=nowhere'],
  ['the beginning of all words', 'ann', 'query=w'],
  ['several words', 'ann', 'query=word1 word2 word3 conv'],
  ['a word that others have', 'bob', 'query=rare'],
] as const)('%s of 10,000 conversations is there within 50 ms', async (_what, person, query) => {
  const times: number[] = [];
  for (let run = 0; run < 7; run++) {
    const startedMs = performance.now();
    const { status } = await server.send(person, 'GET', `/conversations?${query}`);
    times.push(performance.now() - startedMs);
    expect(status).toBe(200);
  }
  const medianMs = times.toSorted((a, b) => a - b)[3] ?? Infinity;
  expect(medianMs).toBeLessThan(mostMs);
});

test('the last page of 10,000 is there within 50 ms', async () => {
  const oldest = Buffer.from(`${Date.now() - 499_000 * 60_000}.conversation-1`).toString('base64url');
  const startedMs = performance.now();
  const { body } = await server.send('ann', 'GET', `/conversations?limit=50&after=${oldest}`);
  const tookMs = performance.now() - startedMs;
  expect(body.data.length).toBeGreaterThan(0);
  expect(tookMs).toBeLessThan(mostMs);
});
