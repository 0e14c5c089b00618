import type { Command } from 'commander';
import { commandLineActor } from '../audit/audit.ts';
import { withDatabase } from '../db/with-database.ts';
import { ensureDefaultProject } from '../projects/projects.ts';
import { formatMinute, formatTable } from '../terminal-table.ts';
import { adminKeyColumns, createAdminKey, revokeAdminKey } from './admin-keys.ts';
import { parseName } from './fields.ts';

/** Mounts `weai admin-keys`. A running server takes up every change within a second. */
export function registerAdminKeyCommands(program: Command): void {
  const keys = program.command('admin-keys').description('create, list and revoke keys for administration');

  keys
    .command('create')
    .description('make an admin key; it is shown once')
    .option('--name <name>', 'what the key is for', parseName, 'unnamed')
    .option('--json', 'print JSON')
    .action((options: { name: string; json?: boolean }) =>
      withDatabase(async ({ kysely }) => {
        const { organizationId } = await ensureDefaultProject(kysely);
        const { id, value } = await createAdminKey(kysely, {
          organizationId,
          name: options.name,
          actor: commandLineActor(),
        });
        if (options.json === true) console.log(JSON.stringify({ id, key: value, name: options.name }));
        else
          console.log(
            `${value}\n\nKeep it now: it cannot be shown again. Revoke it with: weai admin-keys revoke ${id}`,
          );
      }),
    );

  keys
    .command('list')
    .description('list the admin keys, newest first')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      withDatabase(async ({ kysely }) => {
        const { organizationId } = await ensureDefaultProject(kysely);
        const found = await kysely
          .selectFrom('admin_keys')
          .select(adminKeyColumns)
          .where('organization_id', '=', organizationId)
          .orderBy('created_at', 'desc')
          .execute();
        if (options.json === true) return console.log(JSON.stringify(found, null, 2));
        const rows = found.map((key) => [
          `${key.prefix}…`,
          key.name,
          formatMinute(key.createdAt),
          formatMinute(key.lastUsedAt),
          formatMinute(key.expiresAt),
          key.revokedAt === null ? 'active' : 'revoked',
          key.id,
        ]);
        console.log(formatTable(['KEY', 'NAME', 'CREATED', 'LAST USED', 'EXPIRES', 'STATE', 'ID'], rows));
      }),
    );

  keys
    .command('revoke <id>')
    .description('revoke an admin key, given its id')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: boolean }) =>
      withDatabase(async ({ kysely }) => {
        const { organizationId } = await ensureDefaultProject(kysely);
        const revoked = await revokeAdminKey(kysely, { organizationId, id, actor: commandLineActor() });
        if (options.json === true) console.log(JSON.stringify({ id, revoked }));
        else if (revoked) console.log(`Revoked ${id}.`);
        else console.error('No active admin key has that id. See: weai admin-keys list');
        if (!revoked) process.exitCode = 1;
      }),
    );
}
