import { type Command, InvalidArgumentError } from 'commander';
import { withDatabase } from '../db/with-database.ts';
import { sumMachineTime } from '../ledger/machine-time.ts';
import { formatDollars } from '../money.ts';
import { ensureDefaultProject, findProject } from '../projects/projects.ts';
import { formatTable } from '../terminal-table.ts';
import { sumUsage } from './usage.ts';

const secondsInDay = 86_400;

interface UsageOptions {
  days: number;
  project?: string;
  json?: boolean;
}

/** Mounts `weai usage`. */
export function registerUsageCommand(program: Command): void {
  program
    .command('usage')
    .description('what was used and what it cost, by day (UTC) and model')
    .option('--days <count>', 'how many days, today included', days, 30)
    .option('--project <name>', 'only that of this project')
    .option('--json', 'print JSON')
    .action((options: UsageOptions) =>
      withDatabase(async ({ kysely }) => {
        const { organizationId } = await ensureDefaultProject(kysely);
        const project =
          options.project === undefined ? undefined : await findProject(kysely, options.project);
        if (project === null) {
          console.error(`There is no project ${options.project}. See: weai projects list`);
          process.exitCode = 1;
          return;
        }
        const end = (Math.floor(Date.now() / 1000 / secondsInDay) + 1) * secondsInDay;
        const sums = await sumUsage(kysely, {
          organizationId,
          width: '1d',
          start: end - options.days * secondsInDay,
          end,
          groupBy: ['model'],
          costs: true,
          projectIds: project === undefined ? undefined : [project.id],
        });
        const machines =
          project === undefined
            ? await sumMachineTime(kysely, { start: end - options.days * secondsInDay, end })
            : [];
        const lines = sums.map((sum) => ({
          day: new Date(sum.bucket * 1000).toISOString().slice(0, 10),
          model: sum.model ?? '',
          requests: sum.requests,
          input_tokens: sum.promptTokens,
          input_cached_tokens: sum.cachedTokens,
          output_tokens: sum.completionTokens,
          cost_usd: formatDollars(sum.cost),
          machine_usd: formatDollars(sum.machineCost),
        }));
        const header = ['DAY', 'MODEL', 'REQUESTS', 'INPUT', 'CACHED', 'OUTPUT', 'COST $', 'MACHINE $'];
        const machineLines = machines.map((machine) => ({
          day: machine.day,
          deployment: machine.deploymentId,
          up_hours: (machine.upSeconds / 3600).toFixed(2),
          used_hours: (machine.usedSeconds / 3600).toFixed(2),
          used_usd: formatDollars(machine.usedCost),
          idle_usd: formatDollars(machine.idleCost),
        }));
        const machineHeader = ['DAY', 'DEPLOYMENT', 'UP H', 'USED H', 'USED $', 'IDLE $'];
        if (options.json === true)
          console.log(JSON.stringify({ usage: lines, machines: machineLines }, null, 2));
        else if (lines.length === 0) console.log(`Nothing was used in ${options.days} days.`);
        else console.log(formatTable(header, lines.map(texts)));
        if (options.json !== true && machineLines.length > 0)
          console.log(`\n${formatTable(machineHeader, machineLines.map(texts))}`);
      }),
    );
}

function texts(line: object): string[] {
  return Object.values(line).map(String);
}

function days(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new InvalidArgumentError('Give a whole number from 1 to 9999.');
  return count;
}
