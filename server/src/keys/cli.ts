import type { Command } from 'commander';
import { withDatabase } from '../db/with-database.ts';
import { defaultName, ensureProject } from '../projects/projects.ts';
import { formatMinute, formatTable } from '../terminal-table.ts';
import { createKey, listKeys, revokeKey } from './keys.ts';
import type { KeyDescription } from './keys.ts';

interface CreateOptions {
  project: string;
  name: string;
  json?: boolean;
}

/** Mounts `weai keys`. A running server takes up every change within a second. */
export function registerKeyCommands(program: Command): void {
  const keys = program.command('keys').description('create, list and revoke API keys');

  keys
    .command('create')
    .description('make a key; it is shown once')
    .option('--project <name>', 'project that the key belongs to; made where it does not exist', defaultName)
    .option('--name <name>', 'what the key is for', 'unnamed')
    .option('--json', 'print JSON')
    .action((options: CreateOptions) =>
      withDatabase(async ({ kysely }) => {
        const project = await ensureProject(kysely, options.project);
        const { id, key } = await createKey(kysely, { projectId: project.id, name: options.name });
        if (options.json === true)
          console.log(JSON.stringify({ id, key, project: project.name, name: options.name }));
        else
          console.log(
            `${key}\n\nKeep it now: it cannot be shown again. Revoke it with: weai keys revoke ${id}`,
          );
      }),
    );

  keys
    .command('list')
    .description('list the keys, newest first')
    .option('--project <name>', 'only those of this project')
    .option('--json', 'print JSON')
    .action((options: { project?: string; json?: boolean }) =>
      withDatabase(async ({ kysely }) => {
        const found = await listKeys(kysely, options.project);
        console.log(options.json === true ? JSON.stringify(found, null, 2) : formatKeys(found));
      }),
    );

  keys
    .command('revoke <key>')
    .description('revoke a key, given its id, name, prefix or the key itself')
    .option('--json', 'print JSON')
    .action((reference: string, options: { json?: boolean }) =>
      withDatabase(async ({ kysely }) => {
        const revocation = await revokeKey(kysely, reference);
        if (options.json === true) console.log(JSON.stringify(revocation));
        else if (revocation.outcome === 'revoked') console.log(`Revoked ${revocation.id}.`);
        else if (revocation.outcome === 'unknown')
          console.error('No active key goes by that. See: weai keys list');
        else console.error('Several active keys go by that: give the id. See: weai keys list');
        if (revocation.outcome !== 'revoked') process.exitCode = 1;
      }),
    );
}

/** The keys as a table, for a terminal. */
export function formatKeys(keys: KeyDescription[]): string {
  if (keys.length === 0) return 'No keys yet. Make one with: weai keys create';
  const header = ['KEY', 'NAME', 'PROJECT', 'CREATED', 'LAST USED', 'STATE', 'ID'];
  const rows = keys.map((key) => [
    `${key.prefix}…`,
    key.name,
    key.project,
    formatMinute(key.createdAt),
    formatMinute(key.lastUsedAt),
    key.revokedAt === null ? 'active' : 'revoked',
    key.id,
  ]);
  return formatTable(header, rows);
}
