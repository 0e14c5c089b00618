import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, testPlayground, type TestPlayground } from './testing.ts';
import { votesSchema } from './votes.ts';

let server: TestPlayground;
beforeAll(async () => {
  server = await testPlayground();
});
afterAll(() => server.close());

const prompt = (id: string) => ({ id, messages: [{ role: 'user', content: `Question ${id}` }] });
const answer = (prompt_id: string, contestant_id: string) => ({
  prompt_id,
  contestant_id,
  measured: 'together',
  content: `Answer of ${contestant_id}`,
  metrics: { tokens_per_second: 12, cost_usd: '0.00001' },
});
const content = {
  prompts: [prompt('p1'), prompt('p2')],
  contestants: [
    { id: 'small', settings: { model: 'smollm2-135m' } },
    { id: 'hot', name: 'at 1.5', settings: { model: 'smollm2-135m', temperature: 1.5 } },
  ],
  answers: [answer('p1', 'small'), answer('p1', 'hot'), { ...answer('p1', 'hot'), measured: 'alone' }],
  blind: true,
};

async function made(body: object = content, person: Person = 'ann'): Promise<string> {
  const answered = await server.send(person, 'POST', '/comparisons', { visibility: 'project', ...body });
  expect([answered.status, answered.body.error]).toEqual([200, undefined]);
  return `/comparisons/${answered.body.id}`;
}

const best = (prompt_id: string, contestant_id: string, blind = true) => ({
  prompt_id,
  verdict: 'best',
  contestant_id,
  blind,
});

describe('a comparison', () => {
  test('keeps prompts, contestants and answers', async () => {
    const path = await made({ ...content, title: 'Heat' });
    const { body } = await server.send('bob', 'GET', path);
    expect(body).toMatchObject({
      ...content,
      object: 'playground.comparison',
      models: ['smollm2-135m'],
      prompt_count: 2,
      contestant_count: 2,
      answer_count: 3,
    });
    const { body: list } = await server.send('bob', 'GET', '/comparisons?query=question heat');
    expect(list.data.map(({ title }: { title: string }) => title)).toEqual(['Heat']);
    expect(list.data[0]).not.toHaveProperty('answers');
  });

  test.each([
    [{ prompts: [prompt('p1'), prompt('p1')] }, 'prompts.1.id'],
    [{ prompts: [{ id: 'p1', messages: [] }] }, 'prompts.0.messages'],
    [{ prompts: Array.from({ length: 201 }, (_, at) => prompt(`p${at}`)) }, 'prompts'],
    [{ contestants: Array.from({ length: 7 }, (_, at) => ({ id: `c${at}`, settings: {} })) }, 'contestants'],
    [{ ...content, answers: [answer('p9', 'small')] }, 'answers.0.prompt_id'],
    [{ ...content, answers: [answer('p1', 'large')] }, 'answers.0.contestant_id'],
    [{ ...content, answers: [answer('p1', 'hot'), answer('p1', 'hot')] }, 'answers.1'],
    [{ ...content, answers: [{ ...answer('p1', 'hot'), measured: 'sometimes' }] }, 'answers.0.measured'],
    [{ contestants: [{ id: 'c', settings: { top_p: 2 } }] }, 'contestants.0.settings.top_p'],
    [{ blind: 'yes' }, 'blind'],
  ])('refuses %j', async (body, param) => {
    const refused = await server.send('ann', 'POST', '/comparisons', body);
    expect([refused.status, refused.body.error.param]).toEqual([400, param]);
  });
});

describe('votes', () => {
  test('are counted, one for each voter and prompt', async () => {
    const path = `${await made()}/votes`;
    expect((await server.send('ann', 'POST', path, best('p1', 'small'))).status).toBe(200);
    const { body: again } = await server.send('ann', 'POST', path, best('p1', 'hot'));
    expect(again).toMatchObject({
      object: 'playground.vote',
      contestant_id: 'hot',
      created_by_name: "Ann's key",
    });
    await server.send('bob', 'POST', path, best('p1', 'hot', false));
    await server.send('bob', 'POST', path, { prompt_id: 'p2', verdict: 'tie', blind: true });
    const { body } = await server.send('bob', 'GET', path);
    expect(votesSchema.strict().safeParse(body).error).toBeUndefined();
    expect(body.data.map((vote: { prompt_id: string }) => vote.prompt_id)).toEqual(['p2', 'p1', 'p1']);
    expect(body.tally).toEqual({
      votes: 3,
      ties: 1,
      none: 0,
      contestants: [
        { contestant_id: 'small', best: 0, blind_best: 0 },
        { contestant_id: 'hot', best: 2, blind_best: 1 },
      ],
    });
    expect((await server.send('bob', 'DELETE', `${path}/p1`)).body).toMatchObject({ deleted: true });
    expect((await server.send('bob', 'DELETE', `${path}/p1`)).status).toBe(404);
    expect((await server.send('bob', 'GET', path)).body.tally.votes).toBe(2);
  });

  test('of one voter at once leave one', async () => {
    const path = `${await made()}/votes`;
    const votes = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        server.send('ann', 'POST', path, best('p1', at % 2 === 0 ? 'small' : 'hot')),
      ),
    );
    expect(votes.map(({ status }) => status)).toEqual(votes.map(() => 200));
    expect((await server.send('ann', 'GET', path)).body.tally.votes).toBe(1);
  });

  test('go with their prompt and their comparison', async () => {
    const comparison = await made();
    await server.send('ann', 'POST', `${comparison}/votes`, best('p1', 'small'));
    const change = { version: 1, prompts: [prompt('p2')], answers: [] };
    expect((await server.send('ann', 'POST', comparison, change)).status).toBe(200);
    expect((await server.send('ann', 'GET', `${comparison}/votes`)).body.tally.votes).toBe(0);
    expect((await server.send('ann', 'DELETE', comparison)).status).toBe(200);
    expect((await server.send('ann', 'GET', `${comparison}/votes`)).status).toBe(404);
    const left = await server.database.kysely
      .selectFrom('playground_votes')
      .select('voter_id')
      .where('comparison_id', '=', comparison.replace('/comparisons/', ''))
      .execute();
    expect(left).toEqual([]);
  });

  test('are for those who see the comparison', async () => {
    const shared = `${await made()}/votes`;
    const hidden = `${await made({ ...content, visibility: 'private' })}/votes`;
    for (const [person, path] of [
      ['eve', shared],
      ['eve', hidden],
      ['bob', hidden],
    ] as const) {
      expect((await server.send(person, 'GET', path)).status).toBe(404);
      expect((await server.send(person, 'POST', path, best('p1', 'small'))).status).toBe(404);
      expect((await server.send(person, 'DELETE', `${path}/p1`)).status).toBe(404);
    }
  });

  test.each([
    [{ ...best('p9', 'small') }, 'prompt_id'],
    [{ ...best('p1', 'large') }, 'contestant_id'],
    [{ prompt_id: 'p1', verdict: 'best', blind: true }, 'contestant_id'],
    [{ ...best('p1', 'small'), verdict: 'tie' }, 'contestant_id'],
    [{ ...best('p1', 'small'), verdict: 'worst' }, 'verdict'],
    [{ prompt_id: 'p1', verdict: 'tie' }, 'blind'],
    [{ ...best('p1', 'small'), voter_id: 'bob' }, 'voter_id'],
  ])('%j is refused', async (body, param) => {
    const refused = await server.send('ann', 'POST', `${await made()}/votes`, body);
    expect([refused.status, refused.body.error.param]).toEqual([400, param]);
  });
});
