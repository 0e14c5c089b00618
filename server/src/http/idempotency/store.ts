import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from '../../db/tables.ts';

/** An answer as it is sent again. */
export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** What is known of a key: it is ours to run, somebody runs it, it is over, or it belongs to another request. */
export type KeyState =
  | { state: 'ours' }
  | { state: 'running' }
  | { state: 'answered'; answer: StoredAnswer }
  | { state: 'different' };

/** A key as a project has sent it. */
export interface KeyReference {
  projectId: string;
  key: string;
}

const leaseSeconds = 30;
const keptHours = 24;

/** Idempotency keys in the database, shared by all servers, kept for 24 hours. */
export class IdempotencyStore {
  readonly #kysely: Kysely<Tables>;

  constructor(kysely: Kysely<Tables>) {
    this.#kysely = kysely;
  }

  /** Takes the key where nobody has it, or had it long ago, or where the server that ran it has died. */
  async claim({ projectId, key }: KeyReference, hash: Buffer): Promise<KeyState> {
    const { rows: taken } = await sql`
      insert into idempotency_keys (project_id, key, request_hash, lease_until)
      values (${projectId}, ${key}, ${hash}, now() + ${leaseSeconds} * interval '1 second')
      on conflict (project_id, key) do update set request_hash = excluded.request_hash, created_at = now(),
        lease_until = excluded.lease_until, status = null, headers = null, body = null
      where idempotency_keys.created_at < now() - ${keptHours} * interval '1 hour'
        or (idempotency_keys.status is null and idempotency_keys.lease_until < now()
          and idempotency_keys.request_hash = excluded.request_hash)
      returning key`.execute(this.#kysely);
    if (taken.length > 0) return { state: 'ours' };
    const row = await this.#kysely
      .selectFrom('idempotency_keys')
      .select(['request_hash', 'status', 'headers', 'body'])
      .where('project_id', '=', projectId)
      .where('key', '=', key)
      .executeTakeFirst();
    // Released in between: the next look takes it.
    if (row === undefined) return { state: 'running' };
    if (!row.request_hash.equals(hash)) return { state: 'different' };
    const { status, headers, body } = row;
    if (status === null || headers === null || body === null) return { state: 'running' };
    return { state: 'answered', answer: { status, headers, body } };
  }

  /** Prolongs the lease of a request that still runs. */
  async renew({ projectId, key }: KeyReference): Promise<void> {
    await sql`
      update idempotency_keys set lease_until = now() + ${leaseSeconds} * interval '1 second'
      where project_id = ${projectId} and key = ${key}`.execute(this.#kysely);
  }

  /** Keeps the answer for whoever asks again. */
  async keep({ projectId, key }: KeyReference, answer: StoredAnswer): Promise<void> {
    await this.#kysely
      .updateTable('idempotency_keys')
      .set({ status: answer.status, headers: JSON.stringify(answer.headers), body: answer.body })
      .where('project_id', '=', projectId)
      .where('key', '=', key)
      .execute();
  }

  /** Frees the key: the request failed in a way that a retry may mend. */
  async release({ projectId, key }: KeyReference): Promise<void> {
    await this.#kysely
      .deleteFrom('idempotency_keys')
      .where('project_id', '=', projectId)
      .where('key', '=', key)
      .execute();
  }

  /** Removes what is older than it is kept. */
  async sweep(): Promise<void> {
    await sql`delete from idempotency_keys where created_at < now() - ${keptHours} * interval '1 hour'`.execute(
      this.#kysely,
    );
  }
}

export const renewalMs = (leaseSeconds * 1000) / 3;
