import { type Command, InvalidArgumentError } from 'commander';
import { textSchema } from '../administration/fields.ts';
import { withDatabase } from '../db/with-database.ts';
import { formatDollars, parseDollars } from '../money.ts';
import { type DatedPrice, listPrices, setPrice } from './prices.ts';

interface SetOptions {
  input: number;
  cachedInput?: number;
  output: number;
  from?: Date;
  json?: boolean;
}

/** Mounts `weai prices`. A running server takes up every change within a second. */
export function registerPriceCommands(program: Command): void {
  const prices = program.command('prices').description('what the tokens of models cost');
  prices
    .command('set')
    .argument('<model>', 'whose', modelName)
    .description("set a model's price, in dollars for a million tokens")
    .requiredOption('--input <dollars>', 'prompt tokens', dollars)
    .option('--cached-input <dollars>', 'prompt tokens from the cache; default: as --input', dollars)
    .requiredOption('--output <dollars>', 'generated tokens', dollars)
    .option('--from <time>', 'when it begins, as in 2027-01-01T00:00:00Z; default: now', time)
    .option('--json', 'print JSON')
    .action((model: string, { input, cachedInput = input, output, from = new Date(), json }: SetOptions) =>
      withDatabase(async ({ kysely }) => {
        const price = { model, input, cachedInput, output, effectiveFrom: from };
        await setPrice(kysely, price);
        console.log(
          json === true
            ? JSON.stringify(priceObject(price))
            : `${model}: $${formatDollars(input)} in, $${formatDollars(output)} out.`,
        );
      }),
    );
  prices
    .command('list')
    .description('list the prices, the latest of each model first')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      withDatabase(async ({ kysely }) => {
        const shown = (await listPrices(kysely)).map(priceObject);
        if (options.json === true) console.log(JSON.stringify(shown, null, 2));
        else if (shown.length === 0) console.log('No prices yet. Set one with: weai prices set');
        else for (const line of shown) console.log(Object.values(line).join('  '));
      }),
    );
}

/** A price as JSON, in dollars for a million tokens as decimal text. */
function priceObject({ model, effectiveFrom, input, cachedInput, output }: DatedPrice) {
  return {
    model,
    effective_from: effectiveFrom.toISOString(),
    input: formatDollars(input),
    cached_input: formatDollars(cachedInput),
    output: formatDollars(output),
  };
}

function modelName(text: string): string {
  const name = textSchema.safeParse(text);
  if (name.success) return name.data;
  throw new InvalidArgumentError('Give 1 to 256 characters, without control characters.');
}

function dollars(text: string): number {
  try {
    return parseDollars(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : '');
  }
}

function time(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('Not a time like 2027-01-01T00:00:00Z.');
  return date;
}
