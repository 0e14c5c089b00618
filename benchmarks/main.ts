/**
 * Measures the engine and the gateway beside their peers and metering beside none, prints tables and keeps the figures as JSON.
 * `node benchmarks/main.ts [engine|gateway|metered|all] [--quick] [--model file.gguf]`
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchmarkEngine } from './engine.ts';
import { engineChecks, engineTables } from './engine-report.ts';
import { benchmarkGateway } from './gateway.ts';
import { gatewayChecks, gatewayTables } from './gateway-report.ts';
import { describeMachine, formatMachine } from './machine.ts';
import { watchOtherLoad } from './other-load.ts';
import { benchmarkMetered } from './metered.ts';
import { meteredChecks, meteredTables } from './metered-report.ts';
import { stopAllServers } from './server-process.ts';
import { formatTable, type Table } from './table.ts';
import { targetTable, type TargetCheck } from './targets.ts';
import { findStarterWeights } from './weights.ts';

const usage = 'usage: node benchmarks/main.ts [engine|gateway|metered|all] [--quick] [--model file.gguf]';
const resultsDirectory = join(import.meta.dirname, 'results');
const interruptedCode = 130;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, model: { type: 'string' } },
});
const part = positionals[0] ?? 'all';
if (!['engine', 'gateway', 'metered', 'all'].includes(part) || positionals.length > 1) {
  console.error(usage);
  process.exit(2);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void stopAllServers().finally(() => process.exit(interruptedCode));
  });
}

const { quick } = values;
const weightsPath = values.model ?? findStarterWeights(process.env);
const machine = describeMachine();
const checks: TargetCheck[] = [];
const otherLoadShare = watchOtherLoad();
const disturbingShare = 0.05;
console.log(`${formatMachine(machine)}\n`);

if (part === 'engine' || part === 'all') {
  if (weightsPath === null)
    throw new Error('No weights: run `./weai pull smollm2-135m` or give --model file.gguf.');
  const result = await benchmarkEngine({ weightsPath, quick, progress });
  await report('engine', result, engineTables(result), engineChecks(result));
}
if (part === 'gateway' || part === 'all') {
  const result = await benchmarkGateway({ weightsPath, quick, progress });
  await report('gateway', result, gatewayTables(result), gatewayChecks(result));
}
if (part === 'metered' || part === 'all') {
  const result = await benchmarkMetered({ quick, progress });
  await report('metered', result, meteredTables(result), meteredChecks(result));
}
console.log(formatTable(targetTable(checks)));
const share = otherLoadShare();
if (share > disturbingShare) {
  console.log(
    `Other processes used ${Math.round(100 * share)} % of the machine: the figures are worth little. Run again.`,
  );
}

async function report(
  name: string,
  result: object,
  tables: readonly Table[],
  targets: readonly TargetCheck[],
): Promise<void> {
  for (const table of tables) console.log(formatTable(table));
  checks.push(...targets);
  await mkdir(resultsDirectory, { recursive: true });
  const path = join(resultsDirectory, `${name}${quick ? '-quick' : ''}.json`);
  await writeFile(
    path,
    `${JSON.stringify({ machine, otherLoadShare: otherLoadShare(), ...result, targets }, null, 2)}\n`,
  );
}

function progress(message: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${message}`);
  else process.stderr.write(`${message}\n`);
}
