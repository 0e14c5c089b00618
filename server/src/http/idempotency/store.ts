import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { Tables } from '../../db/tables.ts';

/** An answer as it is sent again. */
export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/**
 * What is known of a key: it is ours to run, somebody runs it, it is over, or it belongs to another request. `lapsedLease`
 * is set where the lease of whoever runs it seems to be over.
 */
export type KeyState =
  | { state: 'ours' }
  | { state: 'running'; lapsedLease: string | null }
  | { state: 'answered'; answer: StoredAnswer }
  | { state: 'different' };

/** A key as its owner has sent it: a project, or who administers an organization. */
export interface KeyReference {
  ownerId: string;
  key: string;
}

const keptHours = 24;

/** Idempotency keys in the database, shared by all servers, kept for 24 hours. */
export class IdempotencyStore {
  readonly #kysely: Kysely<Tables>;
  readonly #leaseMs: number;

  constructor(kysely: Kysely<Tables>, leaseMs = 12_000) {
    this.#kysely = kysely;
    this.#leaseMs = leaseMs;
  }

  /** How often whoever runs a request renews its lease. */
  get renewalMs(): number {
    return this.#leaseMs / 3;
  }

  /**
   * How long a lease that seems to be over has to stay as it is, by the steady clock of whoever waits for it, before its
   * server counts as dead: the database's clock may have been moved, but a living server renews in this time.
   */
  get patienceMs(): number {
    return this.#leaseMs / 2;
  }

  /** Takes the key where nobody has it, or had it long ago. */
  async claim({ ownerId, key }: KeyReference, hash: Buffer): Promise<KeyState> {
    const { rows: taken } = await sql`
      insert into idempotency_keys (project_id, key, request_hash, lease_until)
      values (${ownerId}, ${key}, ${hash}, ${this.#leaseEnd()})
      on conflict (project_id, key) do update set request_hash = excluded.request_hash, created_at = now(),
        lease_until = excluded.lease_until, status = null, headers = null, body = null
      where idempotency_keys.created_at < now() - ${keptHours} * interval '1 hour'
      returning key`.execute(this.#kysely);
    if (taken.length > 0) return { state: 'ours' };
    const row = await this.#kysely
      .selectFrom('idempotency_keys')
      .select(['request_hash', 'status', 'headers', 'body', sql<string>`lease_until::text`.as('lease')])
      .select(sql<boolean>`lease_until < now() or lease_until > ${this.#leaseEnd()}`.as('lapsed'))
      .where('project_id', '=', ownerId)
      .where('key', '=', key)
      .executeTakeFirst();
    // Released in between: the next look takes it.
    if (row === undefined) return { state: 'running', lapsedLease: null };
    if (!row.request_hash.equals(hash)) return { state: 'different' };
    const { status, headers, body } = row;
    if (status === null || headers === null || body === null) {
      return { state: 'running', lapsedLease: row.lapsed ? row.lease : null };
    }
    return { state: 'answered', answer: { status, headers, body } };
  }

  /** Takes the key of a server that has died; false when its lease was renewed, or another one was faster. */
  async takeOver({ ownerId, key }: KeyReference, lapsedLease: string): Promise<boolean> {
    const { rows } = await sql`
      update idempotency_keys set lease_until = ${this.#leaseEnd()}, created_at = now()
      where project_id = ${ownerId} and key = ${key} and status is null and lease_until::text = ${lapsedLease}
      returning key`.execute(this.#kysely);
    return rows.length > 0;
  }

  /** Prolongs the lease of a request that still runs. */
  async renew({ ownerId, key }: KeyReference): Promise<void> {
    await sql`
      update idempotency_keys set lease_until = ${this.#leaseEnd()}
      where project_id = ${ownerId} and key = ${key}`.execute(this.#kysely);
  }

  /** Keeps the answer for whoever asks again. */
  async keep({ ownerId, key }: KeyReference, answer: StoredAnswer): Promise<void> {
    await this.#kysely
      .updateTable('idempotency_keys')
      .set({ status: answer.status, headers: JSON.stringify(answer.headers), body: answer.body })
      .where('project_id', '=', ownerId)
      .where('key', '=', key)
      .execute();
  }

  /** Frees the key: the request failed in a way that a retry may mend. */
  async release({ ownerId, key }: KeyReference): Promise<void> {
    await this.#kysely
      .deleteFrom('idempotency_keys')
      .where('project_id', '=', ownerId)
      .where('key', '=', key)
      .execute();
  }

  /** Removes what is older than it is kept. */
  async sweep(): Promise<void> {
    await sql`delete from idempotency_keys where created_at < now() - ${keptHours} * interval '1 hour'`.execute(
      this.#kysely,
    );
  }

  #leaseEnd(): RawBuilder<Date> {
    return sql`now() + ${this.#leaseMs} * interval '1 millisecond'`;
  }
}
