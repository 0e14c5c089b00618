import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { Shipper } from '../ledger/shipper.ts';
import { subjectKeys } from './limit-book.ts';
import type { MemoryCounters } from './memory-counters.ts';

/** Nano-dollars that a subject (`project:proj-1`) has spent in a day (`2026-11-23`) or month (`2026-11`) (UTC). */
export async function spentInLedger(
  kysely: Kysely<Tables>,
  subject: string,
  period: string,
): Promise<number> {
  const [kind = '', ...id] = subject.split(':');
  const isMonth = period.length === 'YYYY-MM'.length;
  const first = sql`${isMonth ? `${period}-01` : period}::date`;
  const length = sql.lit(isMonth ? '1 month' : '1 day');
  const { rows } = await sql<{ nanos: string }>`
    select coalesce(sum(cost), 0) as nanos from ledger_days
    where ${sql.ref(`${kind}_id`)} = ${id.join(':')}
      and day >= ${first} and day < (${first} + interval ${length})::date`.execute(kysely);
  return Number(rows[0]?.nanos ?? 0);
}

/** The same with all that this server has settled, of which the last may still be in the journal. */
export function spentSoFar(
  shipper: Pick<Shipper, 'ship'>,
  kysely: Kysely<Tables>,
): (subject: string, period: string) => Promise<number> {
  return async (subject, period) => {
    await shipper.ship();
    return spentInLedger(kysely, subject, period);
  };
}

/** Takes up from the ledger what counts still: the last minute's requests, and this month's money. */
export async function rebuildCounters(
  counters: Pick<MemoryCounters, 'remember' | 'spend'>,
  kysely: Kysely<Tables>,
): Promise<void> {
  // Where the clock was set back, requests are in times to come: the last of them counts as made just now, the others by it.
  const latest = sql`case when started_at > now() then (select max(started_at) from ledger) else now() end`;
  const recent = await kysely
    .selectFrom('ledger')
    .select([
      'key_id as keyId',
      'project_id as projectId',
      'organization_id as organizationId',
      sql<number>`(extract(epoch from ${latest} - started_at) * 1000)::float8`.as('agoMs'),
      sql<number>`prompt_tokens + completion_tokens`.as('tokens'),
    ])
    .where('started_at', '>', sql<Date>`now() - interval '61 seconds'`)
    .where('started_at', '>', sql<Date>`${latest} - interval '61 seconds'`)
    .execute();
  for (const { agoMs, tokens, ...identity } of recent)
    counters.remember(subjectKeys(identity), agoMs, tokens);

  const days = await kysely
    .selectFrom('ledger_days')
    .select([
      sql<string>`to_char(day, 'YYYY-MM-DD')`.as('day'),
      'key_id as keyId',
      'project_id as projectId',
      'organization_id as organizationId',
      sql<string>`sum(cost)`.as('nanos'),
    ])
    .where('day', '>=', sql<Date>`date_trunc('month', now() at time zone 'UTC')::date`)
    .groupBy(['day', 'key_id', 'project_id', 'organization_id'])
    .orderBy('day')
    .execute();
  for (const { day, nanos, ...identity } of days) {
    counters.spend(subjectKeys(identity), day, day.slice(0, 7), Number(nanos));
  }
}
