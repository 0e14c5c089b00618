import { Argument, type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { textSchema } from '../administration/fields.ts';
import { withDatabase } from '../db/with-database.ts';
import { formatDollars, parseDollars } from '../money.ts';
import { type LimitedSubject, type Limits, listLimits, setLimits, type SubjectKind } from './limits.ts';
import { findSubject } from './subjects.ts';

/** A limit as it is given. The word stands for null, which commander would make an empty text. */
type Given<Limit> = Limit | 'none';

interface SetOptions {
  requestsPerMinute?: Given<number>;
  tokensPerMinute?: Given<number>;
  concurrentRequests?: Given<number>;
  usdPerDay?: Given<number>;
  usdPerMonth?: Given<number>;
  allowedModels?: Given<string[]>;
  json?: boolean;
}

/** Mounts `weai limits`. A running server takes up every change within a second. */
export function registerLimitCommands(program: Command): void {
  const limits = program.command('limits').description('what keys, projects and organizations may use');
  limits
    .command('set')
    .description('change limits; those that are not named stay, and "none" takes one away')
    .addArgument(new Argument('<kind>', 'whose').choices(['key', 'project', 'organization']))
    .argument('<subject>', 'its id or name')
    .option('--requests-per-minute <count>', 'requests in any 60 seconds', count)
    .option('--tokens-per-minute <count>', 'prompt and generated tokens in any 60 seconds', count)
    .option('--concurrent-requests <count>', 'requests at once', count)
    .option('--usd-per-day <dollars>', 'money in a day (UTC)', dollars)
    .option('--usd-per-month <dollars>', 'money in a calendar month (UTC)', dollars)
    .option('--allowed-models <names>', 'models that may be asked for, with commas between', names)
    .option('--json', 'print JSON')
    .action((kind: SubjectKind, reference: string, options: SetOptions) =>
      withDatabase(async ({ kysely }) => {
        const id = await findSubject(kysely, kind, reference);
        if (id === null) {
          console.error(`There is no ${kind} called ${reference}, or more than one: give its id.`);
          process.exitCode = 1;
          return;
        }
        const changed = await setLimits(kysely, kind, id, changesOf(options));
        console.log(options.json === true ? JSON.stringify(limitObject(changed)) : formatLimits(changed));
      }),
    );
  limits
    .command('list')
    .description('list all limits')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      withDatabase(async ({ kysely }) => {
        const all = await listLimits(kysely);
        if (options.json === true) console.log(JSON.stringify(all.map(limitObject), null, 2));
        else if (all.length === 0) console.log('No limits yet. Set one with: weai limits set');
        else for (const subject of all) console.log(formatLimits(subject));
      }),
    );
}

function changesOf(options: SetOptions): Partial<Limits> {
  const given = {
    requestsPerMinute: options.requestsPerMinute,
    tokensPerMinute: options.tokensPerMinute,
    concurrentRequests: options.concurrentRequests,
    nanosPerDay: options.usdPerDay,
    nanosPerMonth: options.usdPerMonth,
    allowedModels: options.allowedModels,
  };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value === 'none' ? null : value]],
    ),
  );
}

/** A subject's limits as JSON, with money as decimal text. */
function limitObject({ kind, id, limits }: LimitedSubject): Record<string, unknown> {
  return {
    kind,
    id,
    requests_per_minute: limits.requestsPerMinute,
    tokens_per_minute: limits.tokensPerMinute,
    concurrent_requests: limits.concurrentRequests,
    usd_per_day: limits.nanosPerDay === null ? null : formatDollars(limits.nanosPerDay),
    usd_per_month: limits.nanosPerMonth === null ? null : formatDollars(limits.nanosPerMonth),
    allowed_models: limits.allowedModels,
  };
}

function formatLimits(subject: LimitedSubject): string {
  const { kind, id, ...limits } = limitObject(subject);
  const set = Object.entries(limits).filter(([, value]) => value !== null);
  const shown = set.map(([name, value]) => `${name.replaceAll('_', ' ')} ${String(value)}`);
  return `${String(kind)} ${String(id)}: ${shown.length === 0 ? 'no limits' : shown.join(', ')}`;
}

function count(text: string): Given<number> {
  if (text === 'none') return text;
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number, or "none".');
  return Number(text);
}

function dollars(text: string): Given<number> {
  if (text === 'none') return text;
  try {
    return parseDollars(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : '');
  }
}

function names(text: string): Given<string[]> {
  if (text === 'none') return text;
  const given = z.array(textSchema).safeParse(text.split(',').map((name) => name.trim()));
  if (given.success) return given.data;
  throw new InvalidArgumentError('Give names with commas between, without control characters, or "none".');
}
