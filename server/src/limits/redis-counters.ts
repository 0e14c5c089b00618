import { createHash, randomUUID } from 'node:crypto';
import { createClient } from '@redis/client';
import { z } from 'zod';
import type { Logger } from '../log.ts';
import type { Claim, Counters, Decision, Reservation } from './counters.ts';
import { tightest } from './counters.ts';
import { subjectKey } from './limit-book.ts';
import { claimScript, raiseScript, renewScript, settleScript, spendScript } from './redis-scripts.ts';

export interface RedisOptions {
  url: string;
  log: Logger;
  /** Counts while Redis is away. */
  fallback: Counters;
  /** Nano-dollars that a subject has spent in a day (`2026-11-23`) or month (`2026-11`), by the ledger. */
  spentInLedger(subject: string, period: string): Promise<number>;
  leaseMs?: number;
  /** After this, Redis counts as away. */
  timeoutMs?: number;
  prefix?: string;
}

const claimReply = z.object({
  nowMs: z.number(),
  missing: z.array(z.object({ key: z.string(), period: z.string() })).optional(),
  refusal: z
    .object({
      what: z.enum(['requests', 'tokens', 'concurrency', 'day', 'month']),
      subject: z.enum(['key', 'project', 'organization']),
      limit: z.number(),
      waitMs: z.number().optional(),
      held: z.boolean(),
    })
    .optional(),
  // An empty table of Lua is an object in JSON.
  rates: z
    .union([
      z.array(
        z.object({
          what: z.enum(['requests', 'tokens']),
          limit: z.number(),
          remaining: z.number(),
          resetMs: z.number(),
        }),
      ),
      z.object({}).transform(() => []),
    ])
    .optional(),
  slot: z.number().optional(),
});

const scripts = [claimScript, settleScript, spendScript, raiseScript, renewScript];
/** In this time every server that can has brought what it settled into the ledger, by far. */
const shippedMs = 2000;
/** A database that takes longer for a sum counts as away. */
const ledgerPatienceMs = 1000;
/** Settlements that wait for Redis; leases of others run out by themselves. */
const mostUnsent = 100_000;

/**
 * Counts in Redis, for any number of servers: a claim is one script, one round trip. While Redis is away `fallback` counts.
 * A server that dies leaves leases, which run out.
 */
export class RedisCounters implements Counters {
  readonly #options: Required<RedisOptions>;
  readonly #client: ReturnType<typeof createClient>;
  readonly #digests = new Map<string, string>();
  readonly #running = new Map<string, string[]>();
  readonly #renewal: NodeJS.Timeout;
  /** When this server compared each sum with the ledger since Redis came back; Infinity once there is nothing to look for. */
  #comparedMs = new Map<string, number>();
  #foundMs = 0;
  #askedInVainMs = Number.NEGATIVE_INFINITY;
  /** Settlements that Redis has not taken, by the ids of their reservations. */
  readonly #unsent = new Map<string, object>();
  #away: string | null = 'not connected yet';
  /** What time the counters had, by `redis-scripts.ts`, and when that was by this process's clock; null before the first answer. */
  #toldMs: { now: number; at: number } | null = null;

  constructor(options: RedisOptions) {
    this.#options = { leaseMs: 45_000, timeoutMs: 250, prefix: 'weai:{limits}:', ...options };
    this.#client = createClient({
      url: options.url,
      disableOfflineQueue: true,
      commandOptions: { timeout: this.#options.timeoutMs },
      socket: { connectTimeout: 2000, reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, 2000) },
    });
    this.#client.on('error', (error: Error) => this.#lost(error));
    this.#client.on('ready', () => void this.#ask());
    this.#renewal = setInterval(() => void this.#renew(), this.#options.leaseMs / 3);
    this.#renewal.unref();
  }

  /** What an operator should know; null while Redis counts. */
  get problem(): string | null {
    return this.#away === null
      ? null
      : `Redis is away, limits hold for each server at its share: ${this.#away}`;
  }

  /** Begins to connect; resolves after the first attempt, which goes on being repeated. */
  async start(): Promise<void> {
    const connecting = this.#client.connect().then(
      () => this.#ask(),
      (error: unknown) => this.#lost(error),
    );
    await Promise.race([connecting, new Promise((resolve) => void setTimeout(resolve, 2000).unref())]);
  }

  stop(): void {
    clearInterval(this.#renewal);
    if (this.#client.isOpen) this.#client.destroy();
  }

  async claim(claim: Claim): Promise<Decision> {
    if (this.#away !== null) return this.#options.fallback.claim(claim);
    try {
      return await this.#claim(claim);
    } catch (error) {
      this.#lost(error);
      return this.#options.fallback.claim(claim);
    }
  }

  spend(subjects: readonly string[], day: string, month: string, nanos: number): void {
    this.#options.fallback.spend(subjects, day, month, nanos);
    if (nanos > 0) this.#send(spendScript, { subjects, day, month, nanos });
  }

  async #claim(claim: Claim): Promise<Decision> {
    const id = randomUUID();
    const subjects = claim.subjects.map(subjectKey);
    await this.#readSpent(claim);
    const request = {
      id,
      tokens: claim.tokens,
      nanos: claim.nanos,
      day: claim.day,
      month: claim.month,
      leaseMs: this.#options.leaseMs,
      // Longer than it takes a living server to renew.
      graceMs: this.#options.leaseMs / 2,
      subjects: claim.subjects.map(({ kind, limits }, index) => ({
        key: subjects[index],
        kind,
        requests: limits.requestsPerMinute ?? undefined,
        tokens: limits.tokensPerMinute ?? undefined,
        concurrency: limits.concurrentRequests ?? undefined,
        day: limits.nanosPerDay ?? undefined,
        month: limits.nanosPerMonth ?? undefined,
      })),
    };
    for (;;) {
      const answer = await this.#run(claimScript, request).catch((error: unknown) => {
        // Redis may take it still, when nobody waits for it any more: what it holds then is freed by the same connection.
        this.#unsent.set(id, { id, subjects, slot: -1, more: 0 });
        throw error;
      });
      const reply = claimReply.parse(JSON.parse(String(answer)));
      this.#told(reply.nowMs);
      for (const { key, period } of reply.missing ?? []) {
        if (!(await this.#compare(key, period))) return this.#options.fallback.claim(claim);
      }
      if (reply.missing) continue;
      const { refusal, rates = [], slot = 0 } = reply;
      if (!refusal) this.#running.set(id, subjects);
      return {
        refusal: refusal ? { ...refusal, waitMs: refusal.waitMs ?? null } : null,
        requests: tightest(rates.filter(({ what }) => what === 'requests')),
        tokens: tightest(rates.filter(({ what }) => what === 'tokens')),
        reservation: refusal ? null : this.#reservation(id, subjects, claim, slot),
      };
    }
  }

  #reservation(id: string, subjects: string[], claim: Claim, slot: number): Reservation {
    return {
      settle: (used) => {
        this.#running.delete(id);
        const request = { id, subjects, slot, more: used.tokens - claim.tokens };
        if (this.#unsent.size < mostUnsent) this.#unsent.set(id, request);
        this.#send(settleScript, request, () => this.#unsent.delete(id));
      },
    };
  }

  /** What was spent while Redis was away is not in its sums, or was spent by servers that have not told the ledger yet. */
  async #readSpent({ subjects, day, month }: Claim): Promise<void> {
    for (const subject of subjects) {
      for (const [limit, period] of [
        [subject.limits.nanosPerDay, day],
        [subject.limits.nanosPerMonth, month],
      ] as const) {
        const key = subjectKey(subject);
        const comparedMs = this.#comparedMs.get(`${key} ${period}`) ?? Number.NEGATIVE_INFINITY;
        if (limit !== null && performance.now() - comparedMs >= shippedMs) await this.#compare(key, period);
      }
    }
  }

  /**
   * Raises a sum to what the ledger says. What is spent at this very moment may be in neither, so it is compared again later,
   * until the ledger knows of nothing that the sum lacks. False when the ledger can't be asked: then the sum stays as it is.
   */
  async #compare(key: string, period: string): Promise<boolean> {
    const nowMs = performance.now();
    if (nowMs - this.#askedInVainMs < shippedMs) return false;
    let spent: number;
    try {
      spent = await this.#inTime(this.#options.spentInLedger(key, period), ledgerPatienceMs);
    } catch {
      // The database is away, which health says: neither Redis nor requests suffer from it.
      this.#askedInVainMs = performance.now();
      return false;
    }
    const raised = Number(await this.#run(raiseScript, { subject: key, period, spent })) === 1;
    const isOver = !raised && nowMs - this.#foundMs >= shippedMs;
    this.#comparedMs.set(`${key} ${period}`, isOver ? Number.POSITIVE_INFINITY : nowMs);
    return true;
  }

  async #renew(): Promise<void> {
    if (this.#running.size === 0 || this.#away !== null) return;
    const leases = [...this.#running].map(([id, subjects]) => ({ id, subjects }));
    try {
      await this.#run(renewScript, { leases, leaseMs: this.#options.leaseMs });
    } catch (error) {
      this.#lost(error);
    }
  }

  /** The counters' time now; undefined before the first answer. */
  get #nowMs(): number | undefined {
    return this.#toldMs === null
      ? undefined
      : Math.floor(this.#toldMs.now + performance.now() - this.#toldMs.at);
  }

  /** Only what is ahead is taken up: an answer is always a little old. */
  #told(nowMs: number): void {
    const ownMs = this.#nowMs;
    if (ownMs === undefined || nowMs > ownMs) this.#toldMs = { now: nowMs, at: performance.now() };
  }

  #send(script: string, request: object, onDone: () => void = () => undefined): void {
    if (this.#away !== null) return;
    this.#run(script, request).then(onDone, (error: unknown) => this.#lost(error));
  }

  async #run(script: string, request: object): Promise<unknown> {
    const digest = this.#digests.get(script) ?? createHash('sha1').update(script).digest('hex');
    this.#digests.set(script, digest);
    const options = {
      keys: [this.#options.prefix],
      arguments: [JSON.stringify({ ...request, nowMs: this.#nowMs, wallMs: Date.now() })],
    };
    try {
      return await this.#inTime(this.#client.evalSha(digest, options));
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return this.#inTime(this.#client.eval(script, options));
    }
  }

  /** The client's own timeout ends when a command is written: a Redis that hangs would never answer it. */
  #inTime<Answer>(command: Promise<Answer>, timeoutMs = this.#options.timeoutMs): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    // An answer that came while this process was busy is read first.
    const late = () => setImmediate(() => reject(new Error(`no answer within ${timeoutMs} ms`)));
    const timer = setTimeout(late, timeoutMs);
    command.then(resolve, reject).finally(() => clearTimeout(timer));
    return promise;
  }

  #lost(error: unknown): void {
    const reason = error instanceof Error ? error.message || error.name : String(error);
    if (this.#away === null) {
      this.#options.log.warn({ reason }, 'Redis is away: limits hold for each server at its share');
      // A connection that still stands may only have been slow: it is asked again before it counts.
      if (this.#client.isReady) setTimeout(() => void this.#ask(), 1000).unref();
    }
    this.#away = reason;
  }

  /** Commands that nobody waits for must not be overtaken, as they would be on their way around a missing script. */
  async #ask(): Promise<void> {
    try {
      for (const script of scripts) await this.#inTime(this.#client.scriptLoad(script));
      this.#found();
    } catch (error) {
      this.#lost(error);
      if (this.#client.isReady) setTimeout(() => void this.#ask(), 1000).unref();
    }
  }

  #found(): void {
    if (this.#away !== null) this.#options.log.info('Redis counts the limits');
    this.#away = null;
    this.#foundMs = performance.now();
    this.#comparedMs = new Map();
    for (const [id, request] of this.#unsent)
      this.#send(settleScript, request, () => this.#unsent.delete(id));
  }
}
