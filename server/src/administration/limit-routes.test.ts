import { afterAll, beforeAll, expect, test } from 'vitest';
import { limitSchema } from './limit-routes.ts';
import { testAdministration, type TestAdministration } from './testing.ts';

let server: TestAdministration;
let other: Awaited<ReturnType<TestAdministration['otherOrganization']>>;

beforeAll(async () => {
  server = await testAdministration();
  other = await server.otherOrganization('other');
});
afterAll(() => server.close());

async function makeKey(name: string): Promise<string> {
  const made = await server.send('POST', `/projects/${server.project.id}/api_keys`, { name });
  return made.body.id;
}

test('limits of organization, project and key are set, shown and taken away', async () => {
  const key = await makeKey('robot');
  const subjects = { organization: server.project.organizationId, project: server.project.id, key };
  for (const [kind, id] of Object.entries(subjects)) {
    const path = `/limits/${kind}/${id}`;
    const { body: before } = await server.send('GET', path);
    expect(limitSchema.strict().parse(before)).toEqual(before);
    expect(before).toMatchObject({ kind, id, usd_per_day: null, spent: { month_usd: '0.00' } });
    const change = { requests_per_minute: 7, usd_per_day: '1.5', allowed_models: ['llama3.1-8B'] };
    const { body: changed } = await server.send('POST', path, change);
    expect(changed).toEqual({ ...before, ...change, usd_per_day: '1.50' });
    const { body: less } = await server.send('POST', path, { usd_per_day: null });
    expect(less).toEqual({ ...changed, usd_per_day: null });
    expect((await server.send('GET', path)).body).toEqual(less);
  }
});

test('are listed page by page: the organization, projects, and the keys that have limits', async () => {
  const limited = await makeKey('limited');
  const unlimited = await makeKey('unlimited');
  await server.send('POST', `/limits/key/${limited}`, { concurrent_requests: 1 });
  const ids: string[] = [];
  let after = '';
  for (let more = true; more;) {
    const { body } = await server.send('GET', `/limits?limit=1${after}`);
    ids.push(...body.data.map(({ id }: { id: string }) => id));
    after = `&after=${body.last_id}`;
    more = body.has_more;
  }
  expect(ids).toEqual(ids.toSorted());
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(expect.arrayContaining([server.project.organizationId, server.project.id, limited]));
  expect(ids).not.toContain(unlimited);
  expect(ids).not.toContain(other.projectId);
  const { body: ofProject } = await server.send('GET', `/limits?project_ids=${server.project.id}`);
  expect(ofProject.data.map(({ kind }) => kind)).not.toContain('organization');
});

test('show what was spent today and this month', async () => {
  const key = await makeKey('spender');
  const day = { organization_id: server.project.organizationId, project_id: server.project.id, key_id: key };
  const now = new Date();
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  const before = new Date(first.getTime() - 86_400_000);
  const counts = {
    requests: 1,
    prompt_tokens: 1,
    cached_tokens: 0,
    completion_tokens: 1,
    reasoning_tokens: 0,
  };
  const rows = [
    [now, 'a', 500_000_000],
    [first, 'b', 250_000_000],
    [before, 'c', 9_000_000_000],
  ] as const;
  for (const [date, model, cost] of rows)
    await server.database.kysely
      .insertInto('ledger_days')
      .values({
        ...day,
        ...counts,
        day: date.toISOString().slice(0, 10),
        model,
        cost: String(cost),
        machine_cost: '0',
        engine_seconds: 0,
      })
      .execute();
  const isFirst = now.getUTCDate() === 1;
  for (const [kind, id] of [
    ['key', key],
    ['project', server.project.id],
    ['organization', server.project.organizationId],
  ]) {
    const { body } = await server.send('GET', `/limits/${kind}/${id}`);
    expect(body.spent).toEqual({ day_usd: isFirst ? '0.75' : '0.50', month_usd: '0.75' });
  }
});

test('bad input is refused, and the field is named', async () => {
  const path = `/limits/project/${server.project.id}`;
  for (const [body, param] of [
    [{ requests_per_minute: -1 }, 'requests_per_minute'],
    [{ usd_per_day: 'much' }, 'usd_per_day'],
    [{ usd_per_month: 5 }, 'usd_per_month'],
    [{ allowed_models: [''] }, 'allowed_models.0'],
    [{ allowed_models: ['a', 'b\u001B[2J'] }, 'allowed_models.1'],
    [{ unknown: 1 }, 'unknown'],
  ] as const) {
    const answer = await server.send('POST', path, body);
    expect([answer.status, answer.body.error.param]).toEqual([400, param]);
  }
  expect((await server.send('GET', '/limits?after=nobody')).status).toBe(400);
});

test("others' are not found, nor those of another kind", async () => {
  for (const path of [
    `/limits/project/${other.projectId}`,
    `/limits/organization/${other.organizationId}`,
    `/limits/key/${server.project.id}`,
    `/limits/user/${server.project.id}`,
  ]) {
    for (const method of ['GET', 'POST'] as const) {
      const answer = await server.send(method, path, method === 'POST' ? {} : undefined);
      expect([answer.status, answer.body.error.param]).toEqual([404, 'subject_id']);
    }
  }
});
