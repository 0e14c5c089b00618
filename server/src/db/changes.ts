import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { Client } from 'pg';
import type { Logger } from '../log.ts';
import type { Database } from './open.ts';
import type { Tables } from './tables.ts';

const channel = 'weai_changed';
const reconnectDelayMs = 250;
/** A connection that died without a word is found out by this. */
const heartbeatMs = 10_000;
const longestCatchUpMs = 1000;

/** Tells every server that a table has changed. Inside a transaction, it is told when that commits. */
export async function announceChange(kysely: Kysely<Tables>, table: keyof Tables): Promise<void> {
  await sql`select pg_notify(${channel}, ${table})`.execute(kysely);
}

/**
 * Listens for the changes that any process makes to the database. When the connection was lost, every
 * listener is called after it is back, since changes may have been missed.
 */
export class Changes {
  readonly #database: Pick<Database, 'connectionOptions'>;
  readonly #log: Logger;
  readonly #listeners = new Map<string, (() => unknown)[]>();
  /** What listeners are still at. */
  readonly #underWay = new Set<Promise<unknown>>();
  #client: Client | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopped = true;

  constructor(database: Pick<Database, 'connectionOptions'>, log: Logger) {
    this.#database = database;
    this.#log = log;
  }

  /** @param listener takes up what has changed; a promise that it returns resolves when it has, and never rejects. */
  on(table: keyof Tables, listener: () => unknown): void {
    this.#listeners.set(table, [...(this.#listeners.get(table) ?? []), listener]);
  }

  /** Whether changes are heard right now. */
  get connected(): boolean {
    return this.#client !== null;
  }

  /**
   * Resolves when the listeners have taken up all that was committed before the call, but after a second at the latest: a change may
   * always be late, here as on other servers.
   */
  async caughtUp(): Promise<void> {
    // PostgreSQL tells of what was committed before it answers a later statement on the listening connection.
    const told = this.#client?.query('select 1').then(
      () => Promise.all(this.#underWay),
      // The heartbeat finds a lost connection, and what was missed is taken up after it.
      () => undefined,
    );
    await Promise.race([told, sleep(longestCatchUpMs, undefined, { ref: false })]);
  }

  /** Resolves after the first attempt to connect; a failed one is tried again for as long as it takes. */
  async start(): Promise<void> {
    this.#stopped = false;
    await this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }

  async #connect(): Promise<void> {
    const client = new Client(this.#database.connectionOptions);
    client.on('notification', (message) => this.#notify(message.payload ?? ''));
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, null));
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
    } catch (error) {
      this.#reconnectLater();
      this.#log.debug({ reason: reasonOf(error) }, 'cannot listen for changes');
      return;
    }
    if (this.#stopped) return client.end();
    this.#client = client;
    this.#heartbeatLater(client);
    for (const table of this.#listeners.keys()) this.#notify(table);
  }

  #notify(table: string): void {
    for (const listener of this.#listeners.get(table) ?? []) {
      const taken = Promise.resolve(listener()).finally(() => this.#underWay.delete(taken));
      this.#underWay.add(taken);
    }
  }

  #heartbeatLater(client: Client): void {
    this.#timer = setTimeout(() => void this.#heartbeat(client), heartbeatMs);
    this.#timer.unref();
  }

  async #heartbeat(client: Client): Promise<void> {
    try {
      await client.query('select 1');
      if (this.#client === client) this.#heartbeatLater(client);
    } catch (error) {
      this.#lost(client, error);
    }
  }

  #lost(client: Client, error: unknown): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#log.warn({ reason: reasonOf(error) }, 'lost the connection that listens for changes');
    client
      .end()
      .catch((cause: unknown) => this.#log.debug({ reason: reasonOf(cause) }, 'closing a lost connection'));
    this.#reconnectLater();
  }

  #reconnectLater(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), reconnectDelayMs);
    this.#timer.unref();
  }
}

/** The error object of `pg` carries the connection with it, password and all: only its message may be logged. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'closed by the database';
}
