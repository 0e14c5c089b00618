import { timingSafeEqual } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Changes } from '../db/changes.ts';
import type { Database } from '../db/open.ts';
import { Reload } from '../db/reload.ts';
import type { Tables } from '../db/tables.ts';
import type { Identity } from '../http/authentication.ts';
import type { Logger } from '../log.ts';
import { hashKey } from './format.ts';

/** Should a notification get lost, so late is it made good. */
const refreshIntervalMs = 5000;
const lastUsedIntervalMs = 60_000;
/** A key in the clear is remembered so long at most, and so many of them. */
const presentedMs = 1000;
const mostPresented = 1000;

/** An active key, by its hash, and whose it is. */
export interface KnownKey<Who> {
  hash: Buffer;
  identity: Who;
  expiresAt: Date | null;
}

/** Where a kind of keys is kept. */
export interface KeySource<Who> {
  table: 'api_keys' | 'admin_keys';
  /** Every active key. */
  load(kysely: Kysely<Tables>): Promise<KnownKey<Who>[]>;
}

const projectKeys: KeySource<Identity> = {
  table: 'api_keys',
  load: async (kysely) => {
    const rows = await kysely
      .selectFrom('api_keys')
      .innerJoin('projects', 'projects.id', 'api_keys.project_id')
      .select(['api_keys.id', 'api_keys.hash', 'api_keys.project_id', 'projects.organization_id'])
      .where('api_keys.revoked_at', 'is', null)
      .where('projects.archived_at', 'is', null)
      .execute();
    return rows.map((row) => ({
      hash: row.hash,
      identity: { keyId: row.id, projectId: row.project_id, organizationId: row.organization_id },
      expiresAt: null,
    }));
  },
};

/** Active API keys of projects. */
export function openKeyStore(database: Pick<Database, 'kysely'>, log: Logger): KeyStore<Identity> {
  return new KeyStore(database, log, projectKeys);
}

/**
 * The active keys, all in memory: a look-up never waits for the database, a flood of bad keys never reaches it,
 * and known keys go on working while it is down. Other processes' changes arrive by notification.
 */
export class KeyStore<Who extends { keyId: string }> {
  readonly #database: Pick<Database, 'kysely'>;
  readonly #log: Logger;
  readonly #source: KeySource<Who>;
  #keys = new Map<string, KnownKey<Who>>();
  /**
   * Active keys as they were just presented, so that a busy one isn't hashed for each request. The map finds by a seeded hash of
   * the whole text: how long it takes tells nothing of how much of a guess is right.
   */
  readonly #presented = new Map<string, KnownKey<Who>>();
  readonly #used = new Map<string, Date>();
  readonly #reload = new Reload(() => this.#load());
  #timers: NodeJS.Timeout[] = [];
  #onRevoked: (keyIds: ReadonlySet<string>) => void = () => undefined;

  constructor(database: Pick<Database, 'kysely'>, log: Logger, source: KeySource<Who>) {
    this.#database = database;
    this.#log = log;
    this.#source = source;
  }

  /** Loads the keys and keeps them fresh. Throws when the first load fails. */
  async start(changes: Pick<Changes, 'on'>): Promise<void> {
    await this.#load();
    changes.on(this.#source.table, () => this.#refresh());
    this.#timers = [
      setInterval(() => void this.#refresh(), refreshIntervalMs),
      setInterval(() => void this.#writeLastUsed(), lastUsedIntervalMs),
      setInterval(() => this.#presented.clear(), presentedMs),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  /** Calls back with the ids of keys that are no longer active, as soon as that is known. */
  onRevoked(listener: (keyIds: ReadonlySet<string>) => void): void {
    this.#onRevoked = listener;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    this.#presented.clear();
    await this.#reload.idle();
    await this.#writeLastUsed();
  }

  /** Whose key this is; null for one that is unknown, revoked or expired. */
  find(key: string): Who | null {
    const known = this.#presented.get(key) ?? this.#findByHash(key);
    if (known === null) return null;
    if (known.expiresAt !== null && known.expiresAt.getTime() <= Date.now()) return null;
    this.#used.set(known.identity.keyId, new Date());
    return known.identity;
  }

  #findByHash(key: string): KnownKey<Who> | null {
    const hash = hashKey(key);
    const known = this.#keys.get(hash.toString('base64'));
    if (known === undefined || !timingSafeEqual(hash, known.hash)) return null;
    // Without the timers of `start` nothing would forget it.
    if (this.#timers.length > 0 && this.#presented.size < mostPresented) this.#presented.set(key, known);
    return known;
  }

  async #refresh(): Promise<void> {
    try {
      await this.#reload.now();
    } catch (error) {
      this.#log.warn(
        { reason: error instanceof Error ? error.message : '' },
        'the API keys could not be refreshed',
      );
    }
  }

  async #load(): Promise<void> {
    const active = await this.#source.load(this.#database.kysely);
    const known = this.#keys;
    this.#keys = new Map(active.map((key) => [key.hash.toString('base64'), key]));
    this.#presented.clear();
    const revoked = [...known].filter(([hash]) => !this.#keys.has(hash)).map(([, key]) => key.identity.keyId);
    if (revoked.length > 0) this.#onRevoked(new Set(revoked));
  }

  /** Written in one statement a minute, so that using a key costs the database nothing. */
  async #writeLastUsed(): Promise<void> {
    if (this.#used.size === 0) return;
    const used = [...this.#used];
    this.#used.clear();
    const ids = used.map(([id]) => id);
    const times = used.map(([, time]) => time.toISOString());
    try {
      await sql`
        update ${sql.table(this.#source.table)} as keys set last_used_at = used.time
        from (select unnest(${ids}::text[]) as id, unnest(${times}::timestamptz[]) as time) as used
        where keys.id = used.id`.execute(this.#database.kysely);
    } catch (error) {
      this.#log.warn(
        { reason: error instanceof Error ? error.message : '' },
        'when keys were last used could not be written',
      );
    }
  }
}
