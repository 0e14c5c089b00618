import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ApiError } from '@weai/protocol/errors';
import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { registerAdministrationCommands } from './administration/cli.ts';
import { chatInTerminal } from './chat-terminal.ts';
import { checkoutDirectory, ConfigError, describeSettings, loadConfig } from './config.ts';
import { DataDirectoryError } from './data-directory.ts';
import { DatabaseError } from './db/errors.ts';
import { examine } from './doctor.ts';
import { registerKeyCommands } from './keys/cli.ts';
import { registerLimitCommands } from './limits/cli.ts';
import { createLog } from './log.ts';
import { startServer } from './main.ts';
import { StartError } from './start-error.ts';
import { registerLedgerCommands } from './ledger/cli.ts';
import { registerMemberCommands } from './members/cli.ts';
import { registerModelCommands } from './models/cli.ts';
import { DeclarationError } from './models/declared.ts';
import { registerOwnerLinkCommand } from './sign-in/cli.ts';
import { registerPriceCommands } from './prices/cli.ts';

/** All commands; the documentation describes them from here. */
export const program = new Command('weai')
  .description('Serve open-source text models behind an OpenAI-compatible API.')
  .version(packageJson.version)
  .enablePositionalOptions();

program
  .command('start')
  .description('start the server and stay in the foreground')
  .addHelpText('after', `\n${describeSettings()}`)
  .action(start);

registerModelCommands(program);
registerKeyCommands(program);
registerAdministrationCommands(program);
registerMemberCommands(program);
registerOwnerLinkCommand(program);
registerLedgerCommands(program);
registerPriceCommands(program);
registerLimitCommands(program);

program
  .command('chat')
  .description('chat with a running server in the terminal')
  .option('--model <name>', 'model to ask', 'llama3.1-8B')
  .option('--url <url>', 'API of the server; default: WEAI_BASE_URL, else the server on this machine')
  .option('--system <text>', 'system message')
  .action(chatInTerminal);

program
  .command('doctor')
  .description('check this machine and say what to do about what is amiss')
  .option('--json', 'print JSON')
  .action(async ({ json }: { json?: boolean }) => {
    process.exitCode = await examine(loadConfig(), json === true);
  });

program
  .command('engine')
  .description('run the embedded engine alone: weai engine --model file.gguf --port 9000')
  .allowUnknownOption()
  .allowExcessArguments()
  .passThroughOptions()
  .helpOption(false)
  .argument('[arguments...]')
  .action(runEngine);

pointToHelp(program, 'weai');

if (import.meta.main) await program.parseAsync().catch(fail);

/** After a mistake, each command tells how to see its own help. */
function pointToHelp(command: Command, words: string): void {
  command.showHelpAfterError(`Run "${words} --help" to see how it is used.`);
  for (const each of command.commands) pointToHelp(each, `${words} ${each.name()}`);
}

/** Errors that are sentences for the operator; any other is a defect, and shown with its stack. */
function fail(error: unknown): void {
  const expected = [ApiError, ConfigError, DataDirectoryError, DatabaseError, DeclarationError, StartError];
  if (expected.some((kind) => error instanceof kind) && error instanceof Error) console.error(error.message);
  else console.error(diskIsFull(error) ? 'The disk is full: free some space, then start again.' : error);
  process.exitCode = 1;
}

function diskIsFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === '53100');
}

async function start(): Promise<void> {
  const config = loadConfig();
  const log = createLog(config);
  const stopping = new AbortController();
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  for (const name of signals) {
    process.on(name, () => {
      // Who asks twice doesn't want to wait for running requests.
      if (stopping.signal.aborted && name === 'SIGINT') process.exit(130);
      stopping.abort();
    });
  }
  process.on('unhandledRejection', (error) =>
    log.error({ err: error }, 'a promise was rejected and nobody looked'),
  );
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'stopping after an unexpected error');
    process.exitCode = 1;
    stopping.abort();
  });
  const asked = new Promise<void>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve());
  });
  try {
    const server = await startServer(config, log, stopping.signal);
    await asked;
    log.info('stopping: no new requests, running ones finish');
    await server.stop();
    log.info('stopped');
  } catch (error) {
    // Stopped while it was starting: nothing is left running, and nothing went wrong.
    if (!stopping.signal.aborted) throw error;
  }
  // Whatever library still holds a timer or a socket must not keep a stopped server alive.
  process.exit();
}

async function runEngine(engineArguments: string[]): Promise<void> {
  const main = join(checkoutDirectory, 'engine/src/main.ts');
  const child = spawn(process.execPath, [main, ...engineArguments], { stdio: 'inherit' });
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => child.kill(name));
  await once(child, 'exit');
  process.exitCode = child.exitCode ?? 1;
}
