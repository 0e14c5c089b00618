import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { Logger } from '../log.ts';

/** A deployment as its time is counted. */
export interface WatchedDeployment {
  id: string;
  up: boolean;
  /** Whether its engine runs beside this server. An engine elsewhere may be watched by several servers. */
  local: boolean;
}

/** What one deployment's machine cost while it was up, and what its requests used of that. Costs are nano-dollars. */
export interface MachineSum {
  /** As in `2026-11-23`, UTC. */
  day: string;
  deploymentId: string;
  upSeconds: number;
  usedSeconds: number;
  upCost: bigint;
  usedCost: bigint;
  idleCost: bigint;
}

/** What this process has counted for a deployment. */
export interface MachineTotals {
  upSeconds: number;
  upNanos: number;
  usedSeconds: number;
  usedNanos: number;
}

export interface MachineTimeOptions {
  kysely: Kysely<Tables>;
  log: Logger;
  /** This machine and data directory: the same after a restart, another one elsewhere. */
  machineId: string;
  deployments: () => readonly WatchedDeployment[];
  /** Nano-dollars for an hour of a deployment's machine. */
  machinePrice: (deploymentId: string) => number;
  /** How often states are looked at. */
  sampleMs?: number;
  /** How often what was seen goes into the database: a crash loses as much. */
  beatMs?: number;
  now?: () => number;
}

/**
 * Counts how long each deployment is up. Its idle cost is `time up × price of its machine − engine seconds of its requests ×
 * price of its machine`, never below zero: a day's requests may end in the next.
 *
 * Every `sampleMs` the time since the last look is added to the deployments that are up now; every `beatMs` the sums go into
 * `deployment_days`, at the price of now and on the day of now. A beat says "up for the last N seconds", and of that only what
 * lies after the deployment's `counted_until` is added, so that any number of servers with one remote deployment count it
 * once. An engine on a server's own machine is counted for each machine. Nothing is counted while no server runs. The error
 * of a day is one sample for each change of state and one beat for each crash; where the database's clock is set back, one
 * beat more; and each beat may lose what it came faster to the database than the one before. A machine that runs several deployments costs its price for each: give each its part of the price.
 */
export class MachineTime {
  readonly #options: Required<MachineTimeOptions>;
  readonly #pending = new Map<string, number>();
  readonly #totals = new Map<string, MachineTotals>();
  #sampledMs = 0;
  #beatenMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();

  constructor(options: MachineTimeOptions) {
    this.#options = { sampleMs: 2000, beatMs: 30_000, now: () => performance.now(), ...options };
  }

  start(): void {
    this.#sampledMs = this.#options.now();
    this.#beatenMs = this.#sampledMs;
    this.#timer = setInterval(() => {
      this.#sample();
      if (this.#options.now() - this.#beatenMs >= this.#options.beatMs) this.#beating = this.#beat();
    }, this.#options.sampleMs);
    this.#timer.unref();
  }

  /** Counts up to now. Call it while the engines still run. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#sample();
    await this.#beating;
    await this.#beat();
  }

  /** Counts a settled request among what was used, for the metrics: the database has it from the ledger's rows. */
  used({
    deployment_id: deploymentId,
    engine_seconds: seconds,
    machine_cost: nanos,
  }: {
    deployment_id: string | null;
    engine_seconds: number;
    machine_cost: number;
  }): void {
    if (deploymentId === null) return;
    const totals = this.#totalsOf(deploymentId);
    totals.usedSeconds += seconds;
    totals.usedNanos += nanos;
  }

  /** By deployment, since this process began. Of a shared deployment each server has the part that it was first to count. */
  get totals(): ReadonlyMap<string, MachineTotals> {
    return this.#totals;
  }

  #sample(): void {
    const nowMs = this.#options.now();
    const seconds = (nowMs - this.#sampledMs) / 1000;
    this.#sampledMs = nowMs;
    for (const { id, up } of this.#options.deployments()) {
      if (up) this.#pending.set(id, (this.#pending.get(id) ?? 0) + seconds);
    }
  }

  async #beat(): Promise<void> {
    const { kysely, log, machineId, machinePrice, deployments } = this.#options;
    this.#beatenMs = this.#options.now();
    const isLocal = new Map(deployments().map(({ id, local }) => [id, local]));
    const beats = [...this.#pending].map(([id, seconds]) => ({
      deployment_id: id,
      machine_id: isLocal.get(id) === true ? machineId : '',
      seconds,
      price: machinePrice(id),
    }));
    if (beats.length === 0) return;
    this.#pending.clear();
    try {
      for (const { id, seconds, nanos } of await countUptime(kysely, beats)) {
        const totals = this.#totalsOf(id);
        totals.upSeconds += seconds;
        totals.upNanos += nanos;
      }
    } catch (error) {
      // The next beat has it too.
      for (const { deployment_id: id, seconds } of beats)
        this.#pending.set(id, (this.#pending.get(id) ?? 0) + seconds);
      log.warn({ reason: error instanceof Error ? error.message : '' }, 'up-time waits for the database');
    }
  }

  #totalsOf(deploymentId: string): MachineTotals {
    const totals = this.#totals.get(deploymentId) ?? {
      upSeconds: 0,
      upNanos: 0,
      usedSeconds: 0,
      usedNanos: 0,
    };
    this.#totals.set(deploymentId, totals);
    return totals;
  }
}

interface Beat {
  deployment_id: string;
  machine_id: string;
  seconds: number;
  price: number;
}

/** Adds what nobody has counted yet; returns what that was. */
async function countUptime(
  kysely: Kysely<Tables>,
  beats: readonly Beat[],
): Promise<{ id: string; seconds: number; nanos: number }[]> {
  const { rows } = await sql<{ deployment_id: string; seconds: number; nanos: string }>`
    with beats as (
      select * from json_to_recordset(${JSON.stringify(beats)}::json)
        as beat(deployment_id text, machine_id text, seconds double precision, price double precision)
    ), counted as (
      insert into deployment_uptimes as known (deployment_id, machine_id, counted_until, counted_seconds)
      select deployment_id, machine_id, now(), seconds from beats order by 1, 2
      on conflict (deployment_id, machine_id) do update set counted_until = excluded.counted_until,
        counted_seconds = least(excluded.counted_seconds,
          greatest(0, extract(epoch from excluded.counted_until - known.counted_until)))
      returning deployment_id, machine_id, counted_seconds
    ), added as (
      select deployment_id, counted_seconds as seconds, round(counted_seconds * price / 3600)::bigint as nanos
      from counted join beats using (deployment_id, machine_id)
    ), days as (
      insert into deployment_days (day, deployment_id, up_seconds, up_cost)
      select (now() at time zone 'UTC')::date, deployment_id, seconds, nanos from added order by 1, 2
      on conflict (day, deployment_id) do update set
        up_seconds = deployment_days.up_seconds + excluded.up_seconds,
        up_cost = deployment_days.up_cost + excluded.up_cost
    )
    select deployment_id, seconds, nanos from added`.execute(kysely);
  return rows.map((row) => ({ id: row.deployment_id, seconds: row.seconds, nanos: Number(row.nanos) }));
}

/** What machines cost in days from `start` until before `end` (Unix seconds, UTC days), by day and deployment. */
export async function sumMachineTime(
  kysely: Kysely<Tables>,
  { start, end }: { start: number; end: number },
): Promise<MachineSum[]> {
  const day = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);
  const rows = await kysely
    .selectFrom('deployment_days')
    .select([
      sql<string>`to_char(day, 'YYYY-MM-DD')`.as('day'),
      'deployment_id',
      'up_seconds',
      'used_seconds',
      'up_cost',
      'used_cost',
    ])
    .where('day', '>=', sql<Date>`${day(start)}::date`)
    .where('day', '<', sql<Date>`${day(end)}::date`)
    .orderBy('day')
    .orderBy('deployment_id')
    .execute();
  return rows.map((row) => {
    const [upCost, usedCost] = [BigInt(row.up_cost), BigInt(row.used_cost)];
    return {
      day: row.day,
      deploymentId: row.deployment_id,
      upSeconds: row.up_seconds,
      usedSeconds: row.used_seconds,
      upCost,
      usedCost,
      idleCost: upCost > usedCost ? upCost - usedCost : 0n,
    };
  });
}
