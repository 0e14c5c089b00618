import type { Command } from 'commander';
import type { Config } from '../config.ts';
import { withDatabase } from '../db/with-database.ts';
import { ensureDefaultProject } from '../projects/projects.ts';
import { newOwnerToken, ownerLink } from './owner-link.ts';

/** Mounts `weai owner-link`. */
export function registerOwnerLinkCommand(program: Command): void {
  program
    .command('owner-link')
    .description('make a new one-time link for the first owner; older ones stop working')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      withDatabase(async ({ kysely }, config) => {
        const { organizationId } = await ensureDefaultProject(kysely);
        const token = await newOwnerToken(kysely, organizationId);
        const url = token === null ? null : ownerLink(addressOf(config), token);
        if (options.json === true) console.log(JSON.stringify({ url }));
        else if (url !== null) console.log(url);
        else console.error('There is an owner already. Invite others with: weai members invite <email>');
        if (url === null) process.exitCode = 1;
      }),
    );
}

/** Where the server of these settings is found. */
export function addressOf({ publicUrl, host, port }: Pick<Config, 'publicUrl' | 'host' | 'port'>): string {
  const local = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return publicUrl ?? `http://${local.includes(':') ? `[${local}]` : local}:${port}`;
}
