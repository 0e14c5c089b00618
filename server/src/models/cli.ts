import { type Command, Option } from 'commander';
import { loadConfig } from '../config.ts';
import type { EngineKind } from '../engines/deployment.ts';
import type { WeightsSource } from './catalogue.ts';
import { connect, disconnect } from './cli-connect.ts';
import { list } from './cli-list.ts';
import { CommandError, pull, remove } from './cli-pull.ts';
import { DeclarationError } from './declared.ts';
import { DownloadError } from './download-errors.ts';
import { engineKinds } from './remotes.ts';

interface ConnectFlags {
  url: string;
  upstreamModel?: string;
  apiKeyEnv?: string;
  kind?: EngineKind;
  imageInput?: boolean;
  json?: boolean;
}

/** Mounts `weai pull` and `weai models`. A running server takes up every change within a second. */
export function registerModelCommands(program: Command): void {
  program
    .command('pull <model>')
    .description('fetch the weights of a model: resumes, verifies, then serves them')
    .option('--from <path-or-url>', 'take the file from there first; its SHA-256 must be the same')
    .option('--json', 'print JSON')
    .action((model: string, { from, json }: { from?: string; json?: boolean }) => {
      const source = from === undefined ? undefined : sourceOf(from);
      return report(() => pull(loadConfig(), model, { source, json: json === true }));
    });

  const models = program
    .command('models')
    .description('list, connect and remove models')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: boolean }) => report(() => list(loadConfig(), json === true)));

  models
    .command('connect <model>')
    .description('let an engine elsewhere answer for a model, after a test')
    .requiredOption('--url <url>', 'address of its OpenAI-compatible API, as in http://host:8000/v1')
    .option('--upstream-model <name>', 'what the engine calls the model')
    .option(
      '--api-key-env <variable>',
      'environment variable, of this command and of the server, with its key',
    )
    .addOption(new Option('--kind <kind>', 'kind of engine; found out if left away').choices(engineKinds))
    .option('--image-input', 'the engine takes images for this model')
    .option('--json', 'print JSON')
    .action((model: string, flags: ConnectFlags) => report(() => connect(loadConfig(), model, flags)));

  models
    .command('disconnect <model-or-id>')
    .description('forget the connected engines of a model, or one by its id')
    .option('--json', 'print JSON')
    .action((reference: string, { json }: { json?: boolean }) =>
      report(() => disconnect(loadConfig(), reference, json === true)),
    );

  models
    .command('remove <model>')
    .description('delete the weights of a model from this machine')
    .option('--json', 'print JSON')
    .action((model: string, { json }: { json?: boolean }) =>
      report(() => remove(loadConfig(), model, json === true)),
    );
}

function sourceOf(from: string): WeightsSource {
  return /^https?:\/\//.test(from) ? { kind: 'url', url: from } : { kind: 'path', path: from };
}

const spoken = [CommandError, DownloadError, DeclarationError];

/** Prints errors that are meant for the operator as their sentence alone; others go on to the program. */
async function report(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!spoken.some((kind) => error instanceof kind) || !(error instanceof Error)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
