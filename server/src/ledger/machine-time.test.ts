import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../db/open.ts';
import { openTestDatabase, silentLog } from '../db/testing.ts';
import { MachineTime, sumMachineTime, type WatchedDeployment } from './machine-time.ts';
import { ensurePartition, insertRows, monthOf } from './table.ts';
import { recordsOf, settled, started } from './testing.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

/** $3,600 an hour: a dollar a second. */
const machinePrice = () => 3_600_000_000_000;

function watch(deployments: () => readonly WatchedDeployment[], machineId = 'here'): MachineTime {
  const options = { machineId, deployments, machinePrice, sampleMs: 10, beatMs: 50 };
  const time = new MachineTime({ kysely: database.kysely, log: silentLog, ...options });
  time.start();
  return time;
}

async function sumOf(deploymentId: string) {
  const today = Math.floor(Date.now() / 86_400_000) * 86_400;
  const sums = await sumMachineTime(database.kysely, { start: today - 86_400, end: today + 86_400 });
  const ours = sums.filter((sum) => sum.deploymentId === deploymentId);
  return {
    upSeconds: ours.reduce((sum, { upSeconds }) => sum + upSeconds, 0),
    upCost: Number(ours.reduce((sum, { upCost }) => sum + upCost, 0n)),
    usedCost: Number(ours.reduce((sum, { usedCost }) => sum + usedCost, 0n)),
    idleCost: Number(ours.reduce((sum, { idleCost }) => sum + idleCost, 0n)),
  };
}

/** Runs for a while; how many seconds passed, until it was told to stop at least and until it had at most. */
async function run(times: MachineTime[], ms: number): Promise<{ least: number; most: number }> {
  const startMs = performance.now();
  await sleep(ms);
  const least = (performance.now() - startMs) / 1000;
  await Promise.all(times.map((time) => time.stop()));
  return { least, most: (performance.now() - startMs) / 1000 };
}

function expectBetween(value: number, { least, most }: { least: number; most: number }): void {
  // Beats this short lose much of their time to the differences of their ways to the database.
  expect(value).toBeGreaterThan(0.6 * least);
  expect(value).toBeLessThan(most + 0.05);
}

test('a deployment costs its machine while it is up, and through restarts', async () => {
  const deployments = [
    { id: 'up', up: true, local: true },
    { id: 'down', up: false, local: true },
  ];
  const seconds = { least: 0, most: 0 };
  for (let start = 0; start < 3; start += 1) {
    const { least, most } = await run([watch(() => deployments)], 200);
    seconds.least += least;
    seconds.most += most;
  }
  const { upSeconds, upCost } = await sumOf('up');
  expectBetween(upSeconds, seconds);
  expect(Math.abs(upCost - upSeconds * 1e9)).toBeLessThan(1e6);
  expect((await sumOf('down')).upSeconds).toBe(0);
});

test('three servers that watch one remote deployment count its time once, and each its own engine', async () => {
  const deployments = [
    { id: 'remote', up: true, local: false },
    { id: 'local', up: true, local: true },
  ];
  const servers = ['one', 'two', 'three'].map((machineId) => watch(() => deployments, machineId));
  const seconds = await run(servers, 600);
  expectBetween((await sumOf('remote')).upSeconds, seconds);
  expectBetween((await sumOf('local')).upSeconds / 3, seconds);
  const counted = servers.reduce((sum, { totals }) => sum + (totals.get('remote')?.upSeconds ?? 0), 0);
  expect(counted).toBeCloseTo((await sumOf('remote')).upSeconds, 5);
});

test('a clock that was set back costs one beat and doubles nothing', async () => {
  const time = watch(() => [{ id: 'moved', up: true, local: true }]);
  const startMs = performance.now();
  await sleep(200);
  await sql`update deployment_uptimes set counted_until = now() + interval '1 hour' where deployment_id = 'moved'`.execute(
    database.kysely,
  );
  const { least } = await run([time], 300);
  const { upSeconds } = await sumOf('moved');
  expect(upSeconds).toBeGreaterThan(least - 0.1);
  expect(upSeconds).toBeLessThan((performance.now() - startMs) / 1000);
});

test('what requests use is no idle cost', async () => {
  const time = watch(() => [{ id: 'used', up: true, local: true }]);
  await run([time], 200);
  const { upCost } = await sumOf('used');
  const start = started();
  await ensurePartition(database.kysely, monthOf(start.started_at));
  const price = machinePrice();
  const row = settled(start, { deployment_id: 'used', engine_seconds: 0.1, machine_price: price });
  await insertRows(database.kysely, recordsOf([row]));
  await insertRows(database.kysely, recordsOf([row]));
  expect(await sumOf('used')).toMatchObject({ usedCost: 1e8, idleCost: upCost - 1e8 });
  const longer = settled(started(), { deployment_id: 'used', engine_seconds: 9, machine_price: price });
  await insertRows(database.kysely, recordsOf([longer]));
  expect((await sumOf('used')).idleCost).toBe(0);
});
