import type { Command } from 'commander';
import type { Config } from '../config.ts';
import { withDatabase } from '../db/with-database.ts';
import { ensureDefaultProject } from '../projects/projects.ts';
import { localAddress } from '../server-address.ts';
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
        const url = token === null ? null : ownerLink(await addressOf(config), token);
        if (options.json === true) console.log(JSON.stringify({ url }));
        else if (url !== null) console.log(url);
        else console.error('There is an owner already. Invite others with: weai members invite <email>');
        if (url === null) process.exitCode = 1;
      }),
    );
}

/** Where people open the server's pages. */
export async function addressOf(
  config: Pick<Config, 'publicUrl' | 'dataDir' | 'host' | 'port'>,
): Promise<string> {
  return config.publicUrl ?? (await localAddress(config));
}
