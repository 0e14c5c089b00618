import { timingSafeEqual } from 'node:crypto';
import { sql } from 'kysely';
import type { Changes } from '../db/changes.ts';
import type { Database } from '../db/open.ts';
import type { Identity } from '../http/authentication.ts';
import type { Logger } from '../log.ts';
import { hashKey } from './format.ts';

/** Should a notification get lost, so late is it made good. */
const refreshIntervalMs = 5000;
const lastUsedIntervalMs = 60_000;

interface KnownKey {
  hash: Buffer;
  identity: Identity;
}

/**
 * The active keys, all in memory: a look-up never waits for the database, a flood of bad keys never reaches it,
 * and known keys go on working while it is down. Other processes' changes arrive by notification.
 */
export class KeyStore {
  readonly #database: Pick<Database, 'kysely'>;
  readonly #log: Logger;
  #keys = new Map<string, KnownKey>();
  readonly #used = new Map<string, Date>();
  #timers: NodeJS.Timeout[] = [];
  #loading: Promise<void> | null = null;
  #loadAgain = false;
  #onRevoked: (keyIds: ReadonlySet<string>) => void = () => undefined;

  constructor(database: Pick<Database, 'kysely'>, log: Logger) {
    this.#database = database;
    this.#log = log;
  }

  /** Loads the keys and keeps them fresh. Throws when the first load fails. */
  async start(changes: Pick<Changes, 'on'>): Promise<void> {
    await this.#load();
    changes.on('api_keys', () => void this.#refresh());
    this.#timers = [
      setInterval(() => void this.#refresh(), refreshIntervalMs),
      setInterval(() => void this.#writeLastUsed(), lastUsedIntervalMs),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  /** Calls back with the ids of keys that are no longer active, as soon as that is known. */
  onRevoked(listener: (keyIds: ReadonlySet<string>) => void): void {
    this.#onRevoked = listener;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#loading;
    await this.#writeLastUsed();
  }

  /** Whose key this is; null for one that is unknown or revoked. */
  find(key: string): Identity | null {
    const hash = hashKey(key);
    const known = this.#keys.get(hash.toString('base64'));
    if (known === undefined || !timingSafeEqual(hash, known.hash)) return null;
    this.#used.set(known.identity.keyId, new Date());
    return known.identity;
  }

  /** A change that arrives during a load is followed by another load, since the first may have missed it. */
  async #refresh(): Promise<void> {
    if (this.#loading !== null) {
      this.#loadAgain = true;
      return;
    }
    do {
      this.#loadAgain = false;
      this.#loading = this.#load().catch((error: unknown) => {
        this.#log.warn(
          { reason: error instanceof Error ? error.message : '' },
          'the API keys could not be refreshed',
        );
      });
      await this.#loading;
    } while (this.#loadAgain);
    this.#loading = null;
  }

  async #load(): Promise<void> {
    const rows = await this.#database.kysely
      .selectFrom('api_keys')
      .innerJoin('projects', 'projects.id', 'api_keys.project_id')
      .select(['api_keys.id', 'api_keys.hash', 'api_keys.project_id', 'projects.organization_id'])
      .where('api_keys.revoked_at', 'is', null)
      .execute();
    const known = this.#keys;
    this.#keys = new Map(
      rows.map((row) => [
        row.hash.toString('base64'),
        {
          hash: row.hash,
          identity: { keyId: row.id, projectId: row.project_id, organizationId: row.organization_id },
        },
      ]),
    );
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
        update api_keys set last_used_at = used.time
        from (select unnest(${ids}::text[]) as id, unnest(${times}::timestamptz[]) as time) as used
        where api_keys.id = used.id`.execute(this.#database.kysely);
    } catch (error) {
      this.#log.warn(
        { reason: error instanceof Error ? error.message : '' },
        'when keys were last used could not be written',
      );
    }
  }
}
