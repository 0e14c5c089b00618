import { program } from '../../server/src/cli.ts';
import { code, type Page, plain, table } from './page.ts';

/** Every command of `weai`, from the program that the command line itself runs. */
export function commandPage(): Page {
  const sections = leaves(program, []).map(({ names, command }) => section(names, command));
  return {
    path: 'cli',
    title: 'Command line',
    description: 'Every command of weai, with its arguments and options.',
    body: [
      'Run `./weai` in the checkout, or link it into your `PATH`: it finds its own directory. The commands for keys, projects, limits,',
      'prices and usage work on the database of `WEAI_DATA_DIR` or `DATABASE_URL`; a running server takes up changes within a second.',
      'Give them the same settings as the server.',
      '',
      ...optionTable(program),
      ...sections,
    ].join('\n'),
  };
}

type Command = typeof program;

interface Leaf {
  names: string[];
  command: Command;
}

function leaves(command: Command, names: string[]): Leaf[] {
  const below = command.commands.flatMap((child) => leaves(child, [...names, child.name()]));
  // One that does something itself, like `weai models`, has no command `help` beside those that it gathers.
  const acts = !command.helpInformation().includes('help [command]');
  return names.length > 0 && (below.length === 0 || acts) ? [{ names, command }, ...below] : below;
}

function section(names: string[], command: Command): string {
  const usage = ['./weai', ...names, command.usage()].join(' ').replace(' [command]', '').trim();
  const args = command.registeredArguments.map((argument) => [
    code(argument.name()),
    [plain(argument.description), choices(argument.argChoices)].filter(Boolean).join(' '),
  ]);
  return [
    `## weai ${names.join(' ')}`,
    '',
    `${capitalized(plain(command.description()))}.`,
    '',
    `\`\`\`text\n${usage}\n\`\`\``,
    '',
    ...(args.some(([, description]) => description !== '')
      ? [table(['Argument', 'What it is'], args), '']
      : []),
    ...optionTable(command),
  ].join('\n');
}

function optionTable({ options }: Command): string[] {
  if (options.length === 0) return [];
  const rows = options.map(({ flags, description, argChoices, defaultValue }) => [
    code(flags),
    [plain(description), choices(argChoices), fallback(defaultValue)].filter(Boolean).join(' '),
  ]);
  return [table(['Option', 'What it does'], rows), ''];
}

function choices(values: string[] | undefined): string {
  return values === undefined ? '' : `One of ${values.map(code).join(', ')}.`;
}

function fallback(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? `Default: ${code(String(value))}.` : '';
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
